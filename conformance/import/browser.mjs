// What a browser makes of a server: the CORS check and the checks of a preflight (Fetch, 4.9 and 4.8).

/** @typedef {{ origin: string, method: string, header?: string, withCredentials: boolean, target: string }} PageRequest */
/** @typedef {import("../../tests/support/raw-http.mjs").Answer} Answer */
/** @typedef {(parts: import("../../tests/support/raw-http.mjs").RequestParts) => Promise<Answer>} Send */

const SAFELISTED = ["GET", "HEAD", "POST"];

/** @param {Answer} answer @param {string} name */
const names = (answer, name) =>
  answer
    .all(name)
    .flatMap((value) => value.split(","))
    .map((value) => value.trim())
    .filter((value) => value !== "");

/** @param {Answer} answer @param {PageRequest} request */
function passesCorsCheck(answer, { origin, withCredentials }) {
  const allowed = answer.all("access-control-allow-origin");
  if (allowed.length !== 1) return false;
  if (allowed[0] === "*" && !withCredentials) return true;
  const credentials = answer.all("access-control-allow-credentials");
  return allowed[0] === origin && (!withCredentials || (credentials.length === 1 && credentials[0] === "true"));
}

/** @param {Answer} answer @param {PageRequest} request */
function passesPreflight(answer, request) {
  const { method, header, withCredentials } = request;
  if (!passesCorsCheck(answer, request) || answer.status < 200 || answer.status > 299) return false;
  const methods = names(answer, "access-control-allow-methods");
  const headers = names(answer, "access-control-allow-headers").map((name) => name.toLowerCase());
  const star = (/** @type {string[]} */ list) => !withCredentials && list.includes("*");
  const methodPasses = SAFELISTED.includes(method) || methods.includes(method) || star(methods);
  const headerPasses = !header || headers.includes(header) || (star(headers) && header !== "authorization");
  return methodPasses && headerPasses;
}

/**
 * Sends what a browser sends, and says what the page gets: nothing, or what it can read beside the safelisted headers.
 *
 * @param {Send} send
 * @param {PageRequest} request
 */
export async function ask(send, request) {
  const { origin, method, header, target } = request;
  if (!SAFELISTED.includes(method) || header) {
    /** @type {Record<string, string>} */
    const headers = { Origin: origin, "Access-Control-Request-Method": method };
    if (header) headers["Access-Control-Request-Headers"] = header;
    if (!passesPreflight(await send({ method: "OPTIONS", target, headers }), request)) return undefined;
  }
  /** @type {Record<string, string>} */
  const headers = { Origin: origin };
  if (header) headers[header] = "x";
  const answer = await send({ method, target, headers: { ...headers, "Content-Length": "0" } });
  if (!passesCorsCheck(answer, request)) return undefined;
  const exposed = names(answer, "access-control-expose-headers").map((name) => name.toLowerCase());
  // A `*` is the name of a header when a request has credentials.
  return exposed.filter((name) => name !== "*" || !request.withCredentials).sort();
}
