// The host of the admin API.

let logged = false;

/**
 * The host that `ADMIN_HOST` names, as URLs write it: in lower case, an international name in ASCII, without a port and
 * without a dot at its end.
 *
 * @param {{ ADMIN_HOST?: unknown }} env
 * @returns {string | undefined} undefined if the variable is not set, or is not a host, which is then logged
 */
export function adminHost({ ADMIN_HOST: text }) {
  if (text === undefined || text === "") return undefined;
  const host = typeof text === "string" ? hostOf(text) : undefined;
  // Log once: after a panic, a new instance of the Wasm asks again.
  if (host === undefined && !logged) {
    logged = true;
    const error = `\`ADMIN_HOST\` is \`${text}\`: write a host name alone, as in \`admin.example.com\``;
    console.error(JSON.stringify({ event: "admin_disabled", error }));
  }
  return host;
}

/** Rejects any text that URL parsing would cut or decode: it is more than a host. @param {string} text */
function hostOf(text) {
  if (/[^\p{L}\p{M}\p{N}._:[\]-]/u.test(text)) return undefined;
  try {
    const host = new URL(`http://${text}`).hostname.replace(/\.$/, "");
    // The host of a request never has other characters (`RequestUrl::parse` in crates/policy).
    return /^[a-z0-9._:[\]-]*[^.]$/.test(host) ? host : undefined;
  } catch {
    return undefined;
  }
}
