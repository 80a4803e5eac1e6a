// The headers of every response on the admin host. They never include an `Access-Control-*`: no page of another origin
// may use the admin API.

const ALWAYS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * @param {number} status
 * @param {string | ReadableStream | null} body
 * @param {string} type its media type
 * @param {Record<string, string>} [headers] besides
 * @returns {Response}
 */
export function respond(status, body, type, headers = {}) {
  // A 304 has no body, not even an empty one.
  return new Response(status === 304 ? null : body, {
    status,
    headers: { ...ALWAYS, "content-type": type, ...headers },
  });
}

/** The same response for HEAD. @param {Response} answer */
export function withoutBody({ status, headers }) {
  return new Response(null, { status, headers });
}
