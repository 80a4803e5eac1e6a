// Whether the admin API may send a secret to a URL or trust a response from it: nobody in between may read or change
// it.

/** For development: the only hosts that may be used unencrypted. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** @param {URL} url @returns {boolean} */
export function isSecure({ protocol, hostname }) {
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}
