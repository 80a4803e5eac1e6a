// What keeps the records that reports are made of, as the variable `ANALYTICS` says.

import { bindingBackEnd, engineBackEnd } from "./engine.js";
import { storeBackEnd } from "./store.js";
import { unset } from "./not-configured.js";

/**
 * @typedef {object} BackEnd
 * @property {"embedded" | "engine" | "binding"} dialect of its SQL
 * @property {"embedded" | "engine"} source as the answer names it
 * @property {string} dataset
 * @property {string} [secret] what nobody may read in the log
 * @property {(statements: Statement[], signal: AbortSignal) => Promise<unknown[][][]>} run the rows of each statement
 *
 * @typedef {{ sql: string, parameters: (string | number)[], columns: string[] }} Statement
 */

/**
 * @param {Env} env
 * @returns {BackEnd} throws a `Problem` where there is none
 */
export function backEndOf(env) {
  const { ANALYTICS } = env;
  if (ANALYTICS === "embedded") return storeBackEnd(env);
  if (ANALYTICS === "engine") return env.SQL === undefined ? engineBackEnd(env) : bindingBackEnd(env, env.SQL);
  throw unset("Set the variable `ANALYTICS` to `embedded` or `engine`.");
}
