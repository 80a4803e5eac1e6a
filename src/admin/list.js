// `GET /api/list/<name>`: the entries of a list of the policy in force.

import { answer } from "./answer.js";
import { notFound } from "./problem.js";
import { parametersOf, wrong } from "./search.js";
import { secondModule } from "./second-module.js";

/** In characters; no entry is longer. */
const LONGEST = 512;

/**
 * @param {string} name
 * @param {{ env: Env, context: ExecutionContext, search: string }} asked
 * @returns {Promise<Response>}
 */
export async function list(name, { env, context, search }) {
  if (name === "" || name.includes("/")) throw notFound();
  const parameters = parametersOf(search, ["search", "expires_within"]);
  const { search: part = "" } = parameters;
  if (part.length > LONGEST) throw wrong("search", `\`search\` has more than ${LONGEST} characters.`);
  const days = daysOf(parameters.expires_within);
  return answer(await (await secondModule()).list(env, context, name, part, days));
}

/** @param {string} [text] */
function daysOf(text) {
  if (text === undefined) return undefined;
  const [, digits] = /^([0-9]{1,5})d$/.exec(text) ?? [];
  if (digits === undefined) throw wrong("expires_within", "Write a number of days, like `30d`.");
  return Number(digits);
}
