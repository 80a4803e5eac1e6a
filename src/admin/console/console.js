// The console: pages, their scripts, and signing in. Everything on the admin host that is not the API.

import { failed } from "../failed.js";
import { notAllowed, notFound, Problem } from "../problem.js";
import { respond } from "../respond.js";
import { signIn } from "../sign-in.js";
import { isPrivate } from "../session.js";
import { asset } from "./assets.js";
import { commonHeaders } from "./headers.js";
import { PLACES } from "./places.js";
import { insecurePage, problemPage, signInPage } from "./plain-pages.js";
import { dashboard, playground } from "./pages.js";
import { showSignIn, signOut, takeSignIn } from "./signing.js";
import icon from "./icon.svg";
import style from "./sign-in.css";

/**
 * @typedef {import("./signing.js").From} From
 * @typedef {import("./pages.js").Operate} Operate
 */

const READING = ["GET", "HEAD"];

/** What the pages before sign-in load: its text and type, by path. @type {Record<string, [string, string]>} */
const OPEN = {
  "/icon.svg": [icon, "image/svg+xml"],
  "/sign-in.css": [style, "text/css; charset=utf-8"],
};

/**
 * The response of the console.
 *
 * @param {Request} request
 * @param {From} from there is a way to sign in
 * @param {Operate} operate runs an operation of the API
 * @returns {Promise<Response>} rejected with a `Problem` where no person looks
 */
export async function answerConsole(request, from, operate) {
  const url = new URL(request.url);
  const { pathname } = url;
  if (pathname.startsWith("/assets/")) return answerAsset(request, url, from);
  if (Object.hasOwn(OPEN, pathname)) {
    if (!READING.includes(request.method)) throw notAllowed(READING);
    return respond(200, ...OPEN[pathname], commonHeaders(url));
  }
  const page = pageAt(pathname);
  try {
    return await page(request, url, from, operate);
  } catch (error) {
    return problemPage(url, error instanceof Problem ? error : failed(from.context, error));
  }
}

/** @typedef {(request: Request, url: URL, from: From, operate: Operate) => Response | Promise<Response>} Page */

/** @param {string} pathname @returns {Page} */
function pageAt(pathname) {
  if (pathname === "/sign-in") return answerSignIn;
  if (pathname === "/sign-out") return answerSignOut;
  // Outside these everything is 404, without a sign of how to sign in.
  if (!Object.hasOwn(PLACES, pathname)) throw notFound();
  return answerPage;
}

/** @param {Request} request @param {URL} url @param {From} from */
async function answerAsset(request, url, from) {
  await signIn(request, from.ways, from);
  if (!READING.includes(request.method)) throw notAllowed(READING);
  return asset(request, url, from.env, from.context);
}

/** @type {Page} */
async function answerPage(request, url, from, operate) {
  let way;
  try {
    way = await signIn(request, from.ways, from);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return signedOut(request, url, from, error);
    throw error;
  }
  if (!READING.includes(request.method)) throw notAllowed(READING);
  return PLACES[url.pathname] === "playground" ? playground(url, way) : dashboard(request, url, from, way, operate);
}

/**
 * The form in place of a page. After a link of another site, browsers keep the cookie back (`SameSite=Strict`). So such
 * a page goes on to `/sign-in`, from which it is sent.
 *
 * @param {Request} request
 * @param {URL} url
 * @param {From} from
 * @param {Problem} problem
 */
function signedOut({ headers }, url, { ways }, { headers: challenge }) {
  if (!isPrivate(url)) return insecurePage(url);
  const next = url.pathname + url.search;
  const isLinked = ["cross-site", "same-site"].includes(headers.get("sec-fetch-site") ?? "");
  const again = `/sign-in?next=${encodeURIComponent(next)}`;
  const head = isLinked ? `\n<meta http-equiv="refresh" content="0; url=${again}">` : undefined;
  return signInPage(url, { status: 401, hasToken: ways.secret !== undefined, next, head, headers: challenge });
}

/** @type {Page} */
function answerSignIn(request, url, from) {
  if (request.method === "POST") return takeSignIn(request, url, from);
  if (!READING.includes(request.method)) throw notAllowed([...READING, "POST"]);
  return showSignIn(request, url, from);
}

/** @type {Page} */
function answerSignOut(request, url) {
  if (request.method !== "POST") throw notAllowed(["POST"]);
  return signOut(request, url);
}
