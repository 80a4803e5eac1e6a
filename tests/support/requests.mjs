// Requests, written in one line each.

/**
 * @param {string} line method and target
 * @param {import("./raw-http.mjs").HeaderLines} [headers]
 * @param {string} [body]
 * @returns {import("./raw-http.mjs").RequestParts}
 */
export function request(line, headers = {}, body = "") {
  const [method, target] = line.split(" ");
  if (body === "") return { method, target, headers };
  return { method, target, headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)) }, body };
}

/**
 * A preflight, as browsers send it.
 *
 * @param {string} target
 * @param {string} origin
 * @param {string} requestedMethod
 * @param {string} [requestedHeaders] absent: nothing is asked but the method
 * @returns {import("./raw-http.mjs").RequestParts}
 */
export function preflight(target, origin, requestedMethod, requestedHeaders) {
  /** @type {Record<string, string>} */
  const headers = { Origin: origin, "Access-Control-Request-Method": requestedMethod };
  if (requestedHeaders !== undefined) headers["Access-Control-Request-Headers"] = requestedHeaders;
  return { method: "OPTIONS", target, headers };
}

/**
 * A WebSocket handshake, as far as it can be refused: the frames of an accepted one are for a real client.
 *
 * @param {string} target
 * @param {Record<string, string>} [headers]
 * @returns {import("./raw-http.mjs").RequestParts}
 */
export function handshake(target, headers = {}) {
  const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13" };
  return { target, headers: { ...upgrade, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", ...headers } };
}
