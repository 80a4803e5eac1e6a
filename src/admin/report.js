// `GET /api/report/<name>`: the Wasm plans the statements of a report and makes its answer. They are run here, by the
// source of records.

import { backEndOf } from "./back-end.js";
import { withinOrAborted } from "../platform/deadline.js";
import { BackEndFailed } from "./failure.js";
import { notFound } from "./problem.js";
import { secondModule } from "./second-module.js";
import { answer } from "./answer.js";
import { csvOf } from "./csv.js";
import { respond } from "./respond.js";

/** In milliseconds, for all statements of a report. */
const DEADLINE = 20_000;
/** The most characters in all cells together. */
const MOST_CHARACTERS = 8_000_000;

/**
 * @param {string} name
 * @param {{ env: Env, context: ExecutionContext, search: string }} asked
 * @returns {Promise<Response>}
 */
export async function report(name, { env, context, search }) {
  if (name === "" || name.includes("/")) throw notFound();
  const backEnd = backEndOf(env);
  const now = Math.floor(Date.now() / 1000);
  const query = search.slice(1);
  const second = await secondModule();
  const planned = second.planReport(name, query, now, backEnd.dialect, backEnd.dataset);
  if (planned.status !== 200) return answer(planned);
  const results = await resultsOf(JSON.parse(planned.json).statements, backEnd, context);
  const answered = await second.answerReport(env, context, name, query, now, backEnd.source, results);
  // The plan was made, so the format is a known one.
  const isCsv = answered.status === 200 && new URLSearchParams(search).get("format") === "csv";
  return isCsv ? asCsv(name, answered.json) : answer(answered);
}

/** @param {string} name of a report @param {string} json */
function asCsv(name, json) {
  const headers = { "content-disposition": `attachment; filename="corsgate-${name}.csv"` };
  return respond(200, csvOf(JSON.parse(json)), "text/csv; charset=utf-8; header=present", headers);
}

/**
 * The rows of each statement, each a list of texts, as JSON.
 *
 * @param {import("./back-end.js").Statement[]} statements
 * @param {import("./back-end.js").BackEnd} backEnd
 * @param {ExecutionContext} context
 */
async function resultsOf(statements, backEnd, context) {
  try {
    const results = await withinOrAborted(DEADLINE, (signal) => backEnd.run(statements, signal));
    const text = JSON.stringify(results.map((rows) => rows.map((row) => row.map(textOfCell))));
    if (text.length > MOST_CHARACTERS) throw BackEndFailed.tooLong(MOST_CHARACTERS);
    return text;
  } catch (error) {
    throw BackEndFailed.of(error).told(context, backEnd);
  }
}

/** Numbers as text too: the source sends those that could be too large for JSON as text. @param {unknown} cell */
function textOfCell(cell) {
  return cell === null || cell === undefined ? "" : String(cell);
}
