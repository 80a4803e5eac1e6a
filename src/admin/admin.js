// The admin host: every request for it, from request to response. None of them is forwarded. Under `/api/` is the admin
// API; the rest is the console. This and all that it imports is bundled into `build/admin.js`, which `deferred.js` loads.

import { answerConsole } from "./console/console.js";
import { explain } from "./explain.js";
import { failed } from "./failed.js";
import { history } from "./history.js";
import { list } from "./list.js";
import { ticket } from "./making-tickets.js";
import openapi from "./openapi.json";
import { policy } from "./policy.js";
import { notAllowed, notFound, Problem } from "./problem.js";
import { report } from "./report.js";
import { respond, withoutBody } from "./respond.js";
import { refuseForgery } from "./same-origin.js";
import { setServing } from "./serving.js";
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
 * @property {import("./sign-in.js").Way} way by which it is signed in
 *
 * @typedef {{ methods: string[], answer: (asked: AdminRequest) => Response | Promise<Response> }} Operation
 */

const READING = ["GET", "HEAD"];

/** The operations by path. */
/** @type {Record<string, Operation>} */
const PATHS = {
  "/api/openapi.json": { methods: READING, answer: () => respond(200, JSON.stringify(openapi), "application/json") },
  "/api/status": { methods: READING, answer: status },
  "/api/explain": { methods: ["POST"], answer: explain },
  "/api/history": { methods: READING, answer: history },
  "/api/policy": { methods: READING, answer: policy },
  "/api/ticket": { methods: ["POST"], answer: ticket },
};
/** Those that take a name after their path. */
/** @type {Record<string, (name: string, asked: AdminRequest) => Promise<Response>>} */
const NAMED = { "/api/report/": report, "/api/list/": list };

/**
 * @param {Request} request for the admin host; its URL can be parsed
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} client a hash of the client's address
 * @param {import("./deferred.js").Serving} serving the module that serves requests
 * @returns {Promise<Response>} never rejected
 */
export async function answerAdmin(request, env, context, client, serving) {
  setServing(serving);
  try {
    const answer = await answerTo(request, { env, context, client });
    return request.method === "HEAD" ? withoutBody(answer) : answer;
  } catch (error) {
    return failed(context, error).answer();
  }
}

/** @typedef {{ env: Env, context: ExecutionContext, client: string }} From */

/** @param {Request} request @param {From} from */
async function answerTo(request, from) {
  try {
    const ways = waysOf(from.env);
    // Without a way to sign in, the host has nothing.
    if (ways.secret === undefined && ways.access === undefined) throw notFound();
    const { pathname, search } = new URL(request.url);
    if (!pathname.startsWith("/api/")) return await answerConsole(request, { ...from, ways }, operate);
    const way = await signIn(request, ways, from);
    if (way === "session") refuseForgery(request);
    return await operate(pathname, { ...from, request, search, way });
  } catch (error) {
    if (error instanceof Problem) return error.answer();
    throw error;
  }
}

/**
 * Runs an operation of the API.
 *
 * @param {string} pathname
 * @param {AdminRequest} asked
 */
function operate(pathname, asked) {
  const { methods, answer } = operationAt(pathname);
  if (!methods.includes(asked.request.method)) throw notAllowed(methods);
  return answer(asked);
}

/** @param {string} pathname @returns {Operation} */
function operationAt(pathname) {
  if (Object.hasOwn(PATHS, pathname)) return PATHS[pathname];
  for (const [prefix, answer] of Object.entries(NAMED)) {
    if (!pathname.startsWith(prefix)) continue;
    const name = pathname.slice(prefix.length);
    return { methods: READING, answer: (asked) => answer(name, asked) };
  }
  throw notFound();
}
