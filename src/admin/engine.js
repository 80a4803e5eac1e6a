// Records in Analytics Engine: queried by its SQL API, or by the binding `SQL` if there is one.

import { BackEndFailed } from "./failure.js";
import { readText } from "./read-text.js";
import { isSecure } from "./secure-url.js";
import { unset } from "./not-configured.js";

/** @typedef {import("./back-end.js").Statement} Statement */

const API = "https://api.cloudflare.com/client/v4";
const DATASET = "corsgate_decisions";
/** The longest answer to one statement. */
const MOST_BYTES = 8_000_000;

/** @param {Env} env @returns {import("./back-end.js").BackEnd} */
export function engineBackEnd(env) {
  const { ACCOUNT_ID, ANALYTICS_TOKEN: secret, ANALYTICS_URL = API } = env;
  if (!ACCOUNT_ID) throw missing("ACCOUNT_ID");
  if (!secret) throw missing("ANALYTICS_TOKEN");
  const url = `${ANALYTICS_URL.replace(/\/$/, "")}/accounts/${encodeURIComponent(ACCOUNT_ID)}/analytics_engine/sql`;
  if (!mayHaveSecret(url)) throw unset("`ANALYTICS_URL` is to be an `https` URL, with no user name in it.");
  /** @param {Statement} statement @param {AbortSignal} signal */
  const ask = async ({ sql, columns }, signal) => {
    const headers = { authorization: `Bearer ${secret}` };
    const answer = await fetch(url, { method: "POST", body: sql, headers, redirect: "manual", signal });
    const text = await readText(answer, MOST_BYTES);
    if (answer.status !== 200) throw refused(answer.status, text);
    return rowsOf(text, columns);
  };
  return {
    dialect: "engine",
    source: "engine",
    dataset: datasetOf(env),
    secret,
    run: (statements, signal) => Promise.all(statements.map((statement) => ask(statement, signal))),
  };
}

/** @param {string} name */
function missing(name) {
  return unset(`Set \`${name}\`, or bind Analytics SQL as \`SQL\`.`);
}

/** @param {string} text */
function mayHaveSecret(text) {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  // A text that looks like the host may be a user name, with another host after it.
  return isSecure(url) && url.username === "" && url.password === "";
}

/**
 * @param {Env} env
 * @param {AnalyticsSql} binding
 * @returns {import("./back-end.js").BackEnd}
 */
export function bindingBackEnd(env, binding) {
  /** @param {Statement} statement */
  const ask = async ({ sql, parameters, columns }) => {
    const { data } = await binding.query({ query: sql, params: parameters });
    return data.map((row) => cellsOf(row, columns));
  };
  return {
    dialect: "binding",
    source: "engine",
    dataset: datasetOf(env),
    run: (statements) => Promise.all(statements.map(ask)),
  };
}

/** The dataset, a name in statements (`Dialect::from_name` in crates/reports). @param {Env} env */
function datasetOf({ ANALYTICS_DATASET: dataset = DATASET }) {
  if (/^\w[\w-]{0,63}$/.test(dataset)) return dataset;
  throw unset("`ANALYTICS_DATASET` is to be the name of a dataset: at most 64 letters, digits, `_` and `-`.");
}

/** @param {string} text @param {string[]} columns */
function rowsOf(text, columns) {
  try {
    /** @type {{ data: Record<string, unknown>[] }} */
    const { data } = JSON.parse(text);
    return data.map((row) => cellsOf(row, columns));
  } catch (error) {
    throw new BackEndFailed(502, "Analytics Engine did not answer as it should.", `no rows: ${error}`);
  }
}

/**
 * The cells in the order of the statement: the members of a JSON object may have another order.
 *
 * @param {Record<string, unknown>} row
 * @param {string[]} columns
 */
function cellsOf(row, columns) {
  return columns.map((name) => row[name]);
}

/** @param {number} status @param {string} text */
function refused(status, text) {
  const detail = `it answered ${status}: ${text}`;
  if (status === 401 || status === 403) {
    const sentence =
      "Analytics Engine does not take `ANALYTICS_TOKEN`: it needs the permission Account Analytics: Read.";
    return new BackEndFailed(502, sentence, detail);
  }
  if (status === 429 || status === 503)
    return new BackEndFailed(503, "Analytics Engine is busy: try again in a moment.", detail);
  return new BackEndFailed(502, `Analytics Engine answered ${status}.`, detail);
}
