// `/sign-in` and `/sign-out`: forms that work without a script.

import { Attempt } from "../attempts.js";
import { Problem } from "../problem.js";
import { readText, TooLong } from "../read-text.js";
import { respond } from "../respond.js";
import { refuseForeignForm } from "../same-origin.js";
import { endSession, isPrivate, isSession, startSession } from "../session.js";
import { spend } from "../spending.js";
import { ticketId } from "../ticket.js";
import { isToken } from "../token.js";
import { commonHeaders } from "./headers.js";
import { insecurePage, signInPage, ticketPage } from "./plain-pages.js";
import { nextOf } from "./places.js";

/** The longest form, in bytes. */
const MOST_BYTES = 65_536;

const WRONG_TOKEN = "That token is wrong. Check that you copied all of it.";
const NO_TOKEN = "Type the token first.";
const WRONG_TICKET =
  "This link is used up or expired: it works once, within a minute. Use the token, or make another link.";

/** @typedef {{ ways: import("../sign-in.js").Ways, env: Env, context: ExecutionContext, client: string }} From */

/**
 * `GET /sign-in`: the form, or what a link opens. A person who is signed in already goes on.
 *
 * @param {Request} request
 * @param {URL} url
 * @param {From} from
 */
export async function showSignIn(request, url, { ways: { secret } }) {
  if (!isPrivate(url)) return insecurePage(url);
  const ticket = url.searchParams.get("ticket");
  const next = nextOf(url.searchParams.get("next"), url);
  if (ticket !== null && secret !== undefined) return ticketPage(url, ticket);
  if (secret !== undefined && (await isSession(request, secret))) return redirect(url, next);
  return signInPage(url, { status: 200, hasToken: secret !== undefined, next });
}

/**
 * `POST /sign-in`: charges an attempt, then compares the token or the ticket.
 *
 * @param {Request} request
 * @param {URL} url
 * @param {From} from
 */
export async function takeSignIn(request, url, { ways: { secret }, env, context, client }) {
  if (!isPrivate(url)) return insecurePage(url);
  refuseForeignForm(request);
  if (secret === undefined) return signInPage(url, { status: 401, hasToken: false });
  const form = await formOf(request);
  const next = nextOf(form.get("next"), url);
  const ticket = form.get("ticket");
  // Secrets have no white space around them; what is pasted often has.
  const token = (form.get("token") ?? "").trim();
  /** @param {string} wrong */
  const again = (wrong) =>
    signInPage(url, { status: 401, hasToken: true, next, wrong, headers: { "www-authenticate": "Bearer" } });
  if (ticket === null && token === "") return again(NO_TOKEN);
  const attempt = await Attempt.charge(env, context, client);
  if (ticket === null) {
    if (!(await isToken(token, secret))) return again(WRONG_TOKEN);
  } else {
    const id = await ticketId(ticket, secret, url.host);
    if (id === undefined || !(await spend(id, env, context))) return again(WRONG_TICKET);
  }
  attempt.refund(context);
  return redirect(url, next, await startSession(secret, url));
}

/**
 * `POST /sign-out`. It needs no session: whoever asks only loses a cookie of their own.
 *
 * @param {Request} request
 * @param {URL} url
 */
export function signOut(request, url) {
  refuseForeignForm(request);
  return redirect(url, "/sign-in", endSession(url));
}

/**
 * The answer to a form: another page, by GET.
 *
 * @param {URL} url
 * @param {string} location a path of ours
 * @param {string} [cookie]
 */
function redirect(url, location, cookie) {
  const headers = { ...commonHeaders(url), location, ...(cookie !== undefined && { "set-cookie": cookie }) };
  return respond(303, "", "text/plain; charset=utf-8", headers);
}

/** @param {Request} request */
async function formOf(request) {
  const [type] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new Problem(415, "unsupported_media_type", "Not a form", "Send a form, as the page for signing in does.");
  }
  try {
    return new URLSearchParams(await readText(request, MOST_BYTES));
  } catch (error) {
    // The body is not UTF-8, or the client has disconnected.
    if (!(error instanceof TooLong)) throw new Problem(400, "form_invalid", "Not a form", "The form cannot be read.");
    throw new Problem(413, "content_too_large", "Too long a form", `A form may have ${MOST_BYTES} bytes.`);
  }
}
