// Where the admin API may send a secret, or fetch what it trusts: nobody on the way may read or change it.

/** For development: only there may it go unencrypted. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** @param {URL} url @returns {boolean} */
export function isSecure({ protocol, hostname }) {
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}
