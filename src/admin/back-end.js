// The source of the records for reports, as the variable `ANALYTICS` says.

import { bindingBackEnd, engineBackEnd } from "./engine.js";
import { storeBackEnd } from "./store.js";
import { unset } from "./not-configured.js";

/**
 * @typedef {object} BackEnd
 * @property {"embedded" | "engine" | "binding"} dialect of its SQL
 * @property {"embedded" | "engine"} source as it is named in the answer
 * @property {string} dataset
 * @property {string} [secret] must not appear in the log
 * @property {(statements: Statement[], signal: AbortSignal) => Promise<unknown[][][]>} run gives the rows of each
 *   statement
 *
 * @typedef {{ sql: string, parameters: (string | number)[], columns: string[] }} Statement
 */

/**
 * @param {Env} env
 * @returns {BackEnd} throws a `Problem` if there is none
 */
export function backEndOf(env) {
  const { ANALYTICS } = env;
  if (ANALYTICS === "embedded") return storeBackEnd(env);
  if (ANALYTICS === "engine") return env.SQL === undefined ? engineBackEnd(env) : bindingBackEnd(env, env.SQL);
  throw unset("Set the variable `ANALYTICS` to `embedded` or `engine`.");
}
