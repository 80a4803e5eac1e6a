// The message `observed`: facts about a request that only Cloudflare knows. JavaScript writes it, Rust reads it.

const HEAD = "observed 1";

/** @param {Request} request @returns {string} */
export function observe({ cf, headers }) {
  return HEAD + "\n" + (cf?.country ?? "") + "\n" + (cf?.colo ?? "") + "\n" + (headers.get("cf-ray") ?? "");
}
