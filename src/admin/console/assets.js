// The scripts and styles of the console, from the Worker's static assets. wrangler.toml has every request run the Worker
// first, so nothing is served but what passes here.

import { textOf, warn } from "../log.js";
import { notFound, Problem } from "../problem.js";
import { respond } from "../respond.js";
import { ASSET_POLICY, commonHeaders } from "./headers.js";

/** The media types of what is served, by the end of its name. @type {Record<string, string>} */
const TYPES = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
  toml: "text/plain; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
};

/** Folders and a file of plain names: no dot begins one, nothing is encoded, and the end says which type it is. */
const NAME = /^\/assets((?:\/[A-Za-z0-9_-]+)+(?:\.[A-Za-z0-9_-]+)*\.([a-z]+))$/;

/**
 * @param {Request} request GET or HEAD, signed in
 * @param {URL} url of it
 * @param {Env} env
 * @param {ExecutionContext} context
 * @returns {Promise<Response>} rejected with a `Problem`
 */
export async function asset({ headers }, url, { ASSETS }, context) {
  const [, path, end] = NAME.exec(url.pathname) ?? [];
  if (path === undefined || !Object.hasOwn(TYPES, end)) throw notFound();
  if (ASSETS === undefined) throw unavailable(context, "there is no binding `ASSETS`");
  const known = headers.get("if-none-match");
  // Only the path and the validator pass: neither the cookie nor a range.
  const asked = new Request(`https://assets.invalid${path}`, {
    headers: known === null ? {} : { "if-none-match": known },
  });
  const found = await ASSETS.fetch(asked).catch((error) => {
    throw unavailable(context, textOf(error));
  });
  if (found.status === 404) throw notFound();
  if (found.status !== 200 && found.status !== 304) throw unavailable(context, `it answered ${found.status}`);
  const tag = found.headers.get("etag");
  return respond(found.status, found.body, TYPES[end], {
    ...commonHeaders(url),
    "cache-control": "private, no-cache",
    "content-security-policy": ASSET_POLICY,
    ...(tag !== null && { etag: tag }),
  });
}

/** @param {ExecutionContext} context @param {string} error */
function unavailable(context, error) {
  warn(context, "admin_assets_failed", { error });
  const detail = "The scripts of the console cannot be had at the moment. The Worker's log has why.";
  return new Problem(503, "assets_unavailable", "There are no assets", detail);
}
