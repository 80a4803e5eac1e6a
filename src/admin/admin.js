// The admin API: every request for the admin host, from request to response. None of them is forwarded.

import { explain } from "./explain.js";
import { textOf, warn } from "./log.js";
import openapi from "./openapi.json";
import { notFound, Problem } from "./problem.js";
import { report } from "./report.js";
import { respond, withoutBody } from "./respond.js";
import { signIn, waysOf } from "./sign-in.js";
import { status } from "./status.js";

/**
 * The argument of an operation.
 *
 * @typedef {object} AdminRequest
 * @property {Request} request
 * @property {string} search the query of its URL
 * @property {Env} env
 * @property {ExecutionContext} context
 * @property {string} client a hash of its address
 *
 * @typedef {{ methods: string[], answer: (asked: AdminRequest) => Response | Promise<Response> }} Operation
 */

const READING = ["GET", "HEAD"];

/** The operations by path; `report` also takes every path below its own. */
/** @type {Record<string, Operation>} */
const PATHS = {
  "/api/openapi.json": { methods: READING, answer: () => respond(200, JSON.stringify(openapi), "application/json") },
  "/api/status": { methods: READING, answer: status },
  "/api/explain": { methods: ["POST"], answer: explain },
};
const REPORTS = "/api/report/";

/**
 * @param {Request} request for the admin host; its URL can be parsed
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} client a hash of the client's address
 * @returns {Promise<Response>} never rejected
 */
export async function answerAdmin(request, env, context, client) {
  try {
    const answer = await answerTo(request, { env, context, client });
    return request.method === "HEAD" ? withoutBody(answer) : answer;
  } catch (error) {
    return failed(context, error);
  }
}

/** @param {Request} request @param {Pick<AdminRequest, "env" | "context" | "client">} from */
async function answerTo(request, from) {
  try {
    const ways = waysOf(from.env);
    const { pathname, search } = new URL(request.url);
    const hasSignIn = ways.secret !== undefined || ways.access !== undefined;
    // Outside the API everything is 404, without a sign of how to sign in.
    if (!hasSignIn || !pathname.startsWith("/api/")) throw notFound();
    await signIn(request, ways, from);
    const { methods, answer } = operationAt(pathname);
    if (!methods.includes(request.method)) throw notAllowed(methods);
    return await answer({ ...from, request, search });
  } catch (error) {
    if (error instanceof Problem) return error.answer();
    throw error;
  }
}

/** @param {string} pathname @returns {Operation} */
function operationAt(pathname) {
  if (Object.hasOwn(PATHS, pathname)) return PATHS[pathname];
  if (!pathname.startsWith(REPORTS)) throw notFound();
  const name = pathname.slice(REPORTS.length);
  return { methods: READING, answer: (asked) => report(name, asked) };
}

/** @param {string[]} methods */
function notAllowed(methods) {
  const allow = methods.join(", ");
  return new Problem(405, "method_not_allowed", "Method not allowed", `Use ${methods.join(" or ")}.`, { allow });
}

/**
 * An unexpected error goes to the log and not into the response.
 *
 * @param {ExecutionContext} context
 * @param {unknown} error
 */
function failed(context, error) {
  try {
    warn(context, "admin_failed", { error: textOf(error) });
  } catch {
    // If even that fails, write this line without the details.
    console.error(JSON.stringify({ event: "admin_failed" }));
  }
  const detail = "Something went wrong that should not have. The Worker's log has what.";
  return new Problem(500, "admin_failed", "The gateway failed", detail).answer();
}
