// What only the admin API needs of the Wasm: a module of its own, with its own copy of the JavaScript that reads KV. It has a
// memory of its own, with its own copies of the policy and lists. `second-module.js` makes its first instance.

import { askWithReads } from "./ask.js";
import { adminExplain, adminList, reportAnswer, reportPlan } from "./second-wasm.js";
import { readAnswer } from "../wire/reply.js";

/** @typedef {import("../wire/reply.js").Answer} Answer */

/**
 * Explains a described request.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} description
 * @returns {Promise<Answer>}
 */
export function explain(env, context, description) {
  return askWithReads(env, context, (began, learned) => adminExplain(env, context, description, began, learned));
}

/**
 * The entries of a list of the policy in force.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} name of the list
 * @param {string} part of an entry
 * @param {number} [days] within which entries expire
 * @returns {Promise<Answer>}
 */
export function list(env, context, name, part, days) {
  return askWithReads(env, context, (began, learned) => adminList(env, context, name, part, days, began, learned));
}

/**
 * The statements of a report.
 *
 * @param {string} name
 * @param {string} query
 * @param {number} now in seconds since 1970
 * @param {string} dialect
 * @param {string} dataset
 * @returns {Answer}
 */
export function planReport(name, query, now, dialect, dataset) {
  return readAnswer(reportPlan(name, query, now, dialect, dataset));
}

/**
 * A report, from the rows of its statements.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} name
 * @param {string} query
 * @param {number} now in seconds since 1970
 * @param {string} source
 * @param {string} results
 * @returns {Promise<Answer>}
 */
export function answerReport(env, context, name, query, now, source, results) {
  return askWithReads(env, context, (began, learned) =>
    reportAnswer(env, context, name, query, now, source, results, began, learned),
  );
}
