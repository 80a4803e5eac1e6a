// The session of a person who signed in with the token: a signed cookie that says until when it is valid. The gateway
// keeps no list of sessions. Each ends after eight hours, or when the token changes.

import { isSigned, sign } from "./signature.js";
import { siteOf } from "./same-origin.js";

/** In seconds. */
const LASTS = 8 * 3600;
/** How much the clocks of two data centres may differ, in seconds. */
const CLOCK_TOLERANCE = 60;
const PURPOSE = "session 1";
const FORM = /^(\d{1,12})\.([^.]+)$/;

/**
 * The `Set-Cookie` of a new session.
 *
 * @param {string} secret the admin token
 * @param {URL} url of the request that signs in
 */
export async function startSession(secret, url) {
  const expires = Math.floor(Date.now() / 1000) + LASTS;
  return cookie(url, `${expires}.${await sign(secret, PURPOSE, textOf(url, expires))}`, LASTS);
}

/** The `Set-Cookie` that removes the session. @param {URL} url */
export const endSession = (url) => cookie(url, "", 0);

/**
 * Whether a request has the cookie of a session that is still valid. Not if another site has caused the request, which
 * `SameSite=Strict` prevents already in every browser that knows it.
 *
 * @param {Request} request
 * @param {string} secret
 * @returns {Promise<boolean>}
 */
export async function isSession(request, secret) {
  const url = new URL(request.url);
  const value = cookieOf(request.headers.get("cookie") ?? "", nameFor(url));
  const [, expires, signature] = FORM.exec(value ?? "") ?? [];
  if (signature === undefined || siteOf(request) === "foreign") return false;
  if (!(await isSigned(secret, PURPOSE, textOf(url, expires), signature))) return false;
  const left = Number(expires) - Date.now() / 1000;
  // A longer time means that the clock has stepped back.
  return left > 0 && left <= LASTS + CLOCK_TOLERANCE;
}

/** Whether browsers keep the cookie to themselves: over https, or on this machine. @param {URL} url */
export function isPrivate({ protocol, hostname }) {
  return protocol === "https:" || /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** @param {URL} url @param {string} value @param {number} age in seconds */
function cookie(url, value, age) {
  const secure = url.protocol === "https:" ? "; Secure" : "";
  return `${nameFor(url)}=${value}; Path=/; Max-Age=${age}${secure}; HttpOnly; SameSite=Strict`;
}

/**
 * Over http, WebKit stores no `Secure` cookie, not even for localhost, so there the name has no prefix. It then has the
 * port, because cookies of one host are sent to all of its ports.
 *
 * @param {URL} url
 */
function nameFor({ protocol, port }) {
  return protocol === "https:" ? "__Host-corsgate-session" : `corsgate-session-${port || 80}`;
}

/**
 * The value of a cookie. Two of one name are none: another port of the host may have set one of them.
 *
 * @param {string} header
 * @param {string} name
 * @returns {string | undefined}
 */
function cookieOf(header, name) {
  const pairs = header.split(";").map((pair) => pair.trim());
  const values = pairs.filter((pair) => pair.startsWith(`${name}=`));
  return values.length === 1 ? values[0].slice(name.length + 1) : undefined;
}

/** A session is valid for one host. @param {URL} url @param {number | string} expires */
const textOf = ({ host }, expires) => `${host}\n${expires}`;
