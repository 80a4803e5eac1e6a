// The pages of the console by path.

/** @typedef {"dashboard" | "playground"} Place */

/** @type {Record<string, Place>} */
export const PLACES = {
  "/": "dashboard",
  "/origins": "dashboard",
  "/origin": "dashboard",
  "/routes": "dashboard",
  "/policy": "dashboard",
  "/playground": "playground",
};

/**
 * Where to go after signing in: one of the pages, whatever was asked.
 *
 * @param {string | null} asked
 * @param {URL} url of the request
 */
export function nextOf(asked, url) {
  if (asked === null || !URL.canParse(asked, url.origin)) return "/";
  const { origin, pathname, search } = new URL(asked, url.origin);
  return origin === url.origin && Object.hasOwn(PLACES, pathname) ? pathname + search : "/";
}
