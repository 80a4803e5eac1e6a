// Answers of servers, right and wrong ones, to a page that should be allowed. What browsers make of each is measured.

/**
 * @typedef {Record<string, string | string[]>} Headers
 *
 * @typedef {object} Answer
 * @property {number} [status] 200, or 204 for a preflight
 * @property {Headers} headers
 *
 * @typedef {object} Mistake
 * @property {string} name
 * @property {RequestInit & { headers?: Record<string, string> }} asks the options of the page's `fetch`
 * @property {Answer} [preflight]
 * @property {Answer} response
 */

const ORIGIN = "access-control-allow-origin";
const CREDENTIALS = "access-control-allow-credentials";
const METHODS = "access-control-allow-methods";
const HEADERS = "access-control-allow-headers";

const COOKIES = /** @type {const} */ ({ credentials: "include" });
const PUT = { method: "PUT" };
const TRACE_HEADER = { headers: { "x-trace": "1" } };

/** Safari prints these otherwise than they were requested. */
const KNOWN_HEADERS = [
  "authorization",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "pragma",
];

/**
 * The answers for a page of this origin.
 *
 * @param {string} origin
 * @returns {Mistake[]}
 */
export function mistakesFor(origin) {
  const host = new URL(origin).host;
  const granted = { [ORIGIN]: origin };
  const withCookies = { ...granted, [CREDENTIALS]: "true" };

  /** To a `GET`. @param {string} name @param {Headers} headers @param {number} [status] @returns {Mistake} */
  const get = (name, headers, status) => ({ name, asks: {}, response: { status, headers } });
  /** To a `GET` with cookies. @param {string} name @param {Headers} headers @returns {Mistake} */
  const cookies = (name, headers) => ({ name: `with cookies: ${name}`, asks: COOKIES, response: { headers } });
  /**
   * To a preflight; the response to the request itself is right.
   *
   * @param {string} name @param {Mistake["asks"]} asks @param {Headers} headers @param {number} [status]
   * @returns {Mistake}
   */
  const preflight = (name, asks, headers, status) => ({
    name: `preflight for ${asks.method ?? "GET"}: ${name}`,
    asks,
    preflight: { status, headers },
    response: { headers: withCookies },
  });

  return [
    get("right", granted),
    get("right, for everybody", { [ORIGIN]: "*" }),
    get("right, 404", granted, 404),
    get("right, with `Allow-Credentials` though no cookies are sent", withCookies),
    get("no `Allow-Origin`", {}),
    get("no `Allow-Origin`, 403", {}, 403),
    get("no `Allow-Origin`, 404", {}, 404),
    get("no `Allow-Origin`, 500", {}, 500),
    get("another origin", { [ORIGIN]: "https://other.example" }),
    get("the same host with another scheme", { [ORIGIN]: origin.replace("http:", "https:") }),
    get("the origin in upper case", { [ORIGIN]: origin.toUpperCase() }),
    get("a slash at the end", { [ORIGIN]: `${origin}/` }),
    get("the host alone", { [ORIGIN]: host }),
    get("a pattern", { [ORIGIN]: "https://*.example.com" }),
    get("a word", { [ORIGIN]: "all" }),
    get("`null`", { [ORIGIN]: "null" }),
    get("nothing", { [ORIGIN]: "" }),
    get("quoted", { [ORIGIN]: `"${origin}"` }),
    get("two origins in one line", { [ORIGIN]: `${origin}, https://other.example` }),
    get("two origins without a comma", { [ORIGIN]: `${origin} https://other.example` }),
    get("the origin in two lines", { [ORIGIN]: [origin, origin] }),
    get("`*` in two lines", { [ORIGIN]: ["*", "*"] }),
    get("the origin and `*`", { [ORIGIN]: [origin, "*"] }),
    cookies("right", withCookies),
    cookies("`*`", { [ORIGIN]: "*" }),
    cookies("`*` and `true`", { [ORIGIN]: "*", [CREDENTIALS]: "true" }),
    cookies("no `Allow-Credentials`", granted),
    cookies("`True`", { ...granted, [CREDENTIALS]: "True" }),
    cookies("`TRUE`", { ...granted, [CREDENTIALS]: "TRUE" }),
    cookies("`false`", { ...granted, [CREDENTIALS]: "false" }),
    cookies("`1`", { ...granted, [CREDENTIALS]: "1" }),
    cookies("`true` in two lines", { ...granted, [CREDENTIALS]: ["true", "true"] }),
    cookies("an empty `Allow-Credentials`", { ...granted, [CREDENTIALS]: "" }),
    cookies("another origin, and no `Allow-Credentials`", { [ORIGIN]: "https://other.example" }),
    preflight("right", PUT, { ...granted, [METHODS]: "PUT" }),
    preflight("right, 200", PUT, { ...granted, [METHODS]: "GET, PUT" }, 200),
    preflight("right, 299", PUT, { ...granted, [METHODS]: "PUT" }, 299),
    preflight("right, any method", PUT, { ...granted, [METHODS]: "*" }),
    preflight("right, over two lines", PUT, { ...granted, [METHODS]: ["GET", "PUT"] }),
    preflight("right, any header", TRACE_HEADER, { ...granted, [HEADERS]: "*" }),
    preflight("right, the header in upper case", TRACE_HEADER, { ...granted, [HEADERS]: "X-TRACE" }),
    preflight("right, for everybody", PUT, { [ORIGIN]: "*", [METHODS]: "PUT" }),
    preflight("empty elements", PUT, { ...granted, [METHODS]: ",PUT,," }),
    preflight("nothing", PUT, {}),
    ...[401, 403, 404, 405, 500].map((status) => preflight(`nothing, ${status}`, PUT, {}, status)),
    ...[401, 403, 404, 405, 500].map((status) =>
      preflight(`${status}, else right`, PUT, { ...granted, [METHODS]: "PUT" }, status),
    ),
    preflight("another origin, 403", PUT, { [ORIGIN]: "https://other.example" }, 403),
    preflight("304, else right", PUT, { ...granted, [METHODS]: "PUT" }, 304),
    preflight("a redirect, else right", PUT, { ...granted, [METHODS]: "PUT", location: "/right" }, 302),
    preflight("a redirect", PUT, { location: "/right" }, 301),
    preflight("a redirect for another origin", PUT, { [ORIGIN]: "https://other.example", location: "/right" }, 308),
    preflight("300 without a place", PUT, granted, 300),
    preflight("another origin", PUT, { [ORIGIN]: "https://other.example", [METHODS]: "PUT" }),
    preflight("the origin in two lines", PUT, { [ORIGIN]: [origin, origin], [METHODS]: "PUT" }),
    preflight("no methods", PUT, granted),
    preflight("another method", PUT, { ...granted, [METHODS]: "GET, POST" }),
    preflight("the method in lower case", PUT, { ...granted, [METHODS]: "put" }),
    preflight("listed in upper case", { method: "patch" }, { ...granted, [METHODS]: "PATCH" }),
    preflight("a method with a space", PUT, { ...granted, [METHODS]: "PUT, DE LETE" }),
    preflight("semicolons", PUT, { ...granted, [METHODS]: "GET; PUT" }),
    preflight("brackets", PUT, { ...granted, [METHODS]: "[GET, PUT]" }),
    preflight("quoted", PUT, { ...granted, [METHODS]: '"PUT"' }),
    preflight("no headers", TRACE_HEADER, granted),
    preflight("another header", TRACE_HEADER, { ...granted, [HEADERS]: "content-type" }),
    preflight("headers without a comma", TRACE_HEADER, { ...granted, [HEADERS]: "content-type x-trace" }),
    ...KNOWN_HEADERS.map((name) => preflight(`no \`${name}\``, { headers: { [name]: "x" } }, granted)),
    preflight("no `range` of several parts", { headers: { range: "bytes=0-1,3-4" } }, granted),
    preflight("a family, which no browser knows", TRACE_HEADER, { ...granted, [HEADERS]: "x-*" }),
    preflight(
      "one of two headers",
      { headers: { "x-trace": "1", "x-more": "1" } },
      { ...granted, [HEADERS]: "x-trace" },
    ),
    preflight(
      "any header, asked for `authorization`",
      { headers: { authorization: "x" } },
      { ...granted, [HEADERS]: "*" },
    ),
    preflight("a JSON body", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }, granted),
    preflight("with cookies: any method", { ...PUT, ...COOKIES }, { ...withCookies, [METHODS]: "*" }),
    preflight("with cookies: any header", { ...TRACE_HEADER, ...COOKIES }, { ...withCookies, [HEADERS]: "*" }),
    preflight("with cookies: no `Allow-Credentials`", { ...PUT, ...COOKIES }, { ...granted, [METHODS]: "PUT" }),
    preflight("with cookies: `True`", { ...PUT, ...COOKIES }, { ...granted, [CREDENTIALS]: "True", [METHODS]: "PUT" }),
    preflight("with cookies: for everybody", { ...PUT, ...COOKIES }, { [ORIGIN]: "*", [METHODS]: "PUT" }),
    preflight("with cookies: right", { ...PUT, ...COOKIES }, { ...withCookies, [METHODS]: "PUT" }),
    {
      name: "a right preflight, then nothing",
      asks: PUT,
      preflight: { headers: { ...granted, [METHODS]: "PUT" } },
      response: { headers: {} },
    },
    {
      name: "a right preflight, then another origin",
      asks: PUT,
      preflight: { headers: { ...granted, [METHODS]: "PUT" } },
      response: { headers: { [ORIGIN]: "https://other.example" } },
    },
    {
      name: "a right preflight, then no cookies",
      asks: { ...PUT, ...COOKIES },
      preflight: { headers: { ...withCookies, [METHODS]: "PUT" } },
      response: { headers: granted },
    },
  ];
}
