// The pages of the console for a person who is signed in.

import { within, Late } from "../../platform/deadline.js";
import { documentOf, Problem } from "../problem.js";
import { failed } from "../failed.js";
import { appPage } from "./document.js";

/**
 * How long a page waits for one answer of the API, in milliseconds. Its script asks for what is late again.
 */
const PATIENCE = 3000;

/**
 * @typedef {import("../sign-in.js").Way} Way
 * @typedef {import("../admin.js").AdminRequest} AdminRequest
 * @typedef {(pathname: string, asked: AdminRequest) => Response | Promise<Response>} Operate runs an operation of the
 *   API; rejected with a `Problem`
 */

/**
 * A view of the dashboard, drawn from answers of the API.
 *
 * @param {Request} request
 * @param {URL} url
 * @param {import("./signing.js").From} from
 * @param {Way} way
 * @param {Operate} operate
 */
export async function dashboard(request, url, from, way, operate) {
  // Only pages need it, so only they load it.
  const { renderDashboard } = await import("corsgate-console");
  const { pathname, search, host } = url;
  /** @param {string} path */
  const load = (path) => loaded(path, request, { ...from, way }, operate);
  const drawn = await renderDashboard({ pathname, search, host }, load);
  return appPage(url, { ...drawn, kind: "dashboard", way });
}

/** The playground, which its script draws. @param {URL} url @param {Way} way */
export function playground(url, way) {
  const html = "<noscript><p>The playground needs JavaScript.</p></noscript>";
  return appPage(url, { status: 200, title: "Playground · corsgate", kind: "playground", html, data: {}, way });
}

/**
 * Asks the API for a page. Whatever fails is told as the API tells it.
 *
 * @param {string} path as in `/api/report/outcomes?since=6h`
 * @param {Request} request of the page
 * @param {Omit<AdminRequest, "request" | "search">} from
 * @param {Operate} operate
 * @returns {Promise<{ status: number, body: unknown }>} never rejected
 */
async function loaded(path, request, { env, context, client, way }, operate) {
  try {
    const { href, pathname, search } = new URL(path, request.url);
    const asked = { request: new Request(href), search, env, context, client, way };
    return await within(PATIENCE, async () => {
      const answer = await operate(pathname, asked);
      return { status: answer.status, body: await answer.json() };
    });
  } catch (error) {
    const { status, slug, title, message } = error instanceof Problem ? error : problemOf(error, context);
    return { status, body: documentOf(status, slug, title, message) };
  }
}

/** @param {unknown} error @param {ExecutionContext} context */
function problemOf(error, context) {
  if (!(error instanceof Late)) return failed(context, error);
  return new Problem(
    504,
    "report_late",
    "This takes longer",
    `There is no answer within ${PATIENCE / 1000} seconds yet.`,
  );
}
