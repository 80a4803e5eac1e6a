// Which host the admin API is on.

let logged = false;

/**
 * The host that `ADMIN_HOST` names, as URLs write it: in lower case, an international name in ASCII, without a port and
 * without a dot at its end.
 *
 * @param {{ ADMIN_HOST?: unknown }} env
 * @returns {string | undefined} nothing where there is no such variable, or no host in it, which the log then says
 */
export function adminHost({ ADMIN_HOST: text }) {
  if (text === undefined || text === "") return undefined;
  const host = typeof text === "string" ? hostOf(text) : undefined;
  // After a panic a new instance of the Wasm asks again.
  if (host === undefined && !logged) {
    logged = true;
    const error = `\`ADMIN_HOST\` is \`${text}\`: write a host name alone, as in \`admin.example.com\``;
    console.error(JSON.stringify({ event: "admin_disabled", error }));
  }
  return host;
}

/** URL parsing would take away what stands beside a host, or decode it: no such text names a host alone. @param {string} text */
function hostOf(text) {
  if (/[^\p{L}\p{M}\p{N}._:[\]-]/u.test(text)) return undefined;
  try {
    const host = new URL(`http://${text}`).hostname.replace(/\.$/, "");
    // What no request's host can be, whatever its URL says (`RequestUrl::parse` in crates/policy).
    return /^[a-z0-9._:[\]-]*[^.]$/.test(host) ? host : undefined;
  } catch {
    return undefined;
  }
}
