// Compares a response with what the request table promises.

import assert from "node:assert/strict";
import { checkRefusal, refusalOf } from "./refusal.mjs";

const PREFIX = "access-control-";

/**
 * @param {import("./refusal.mjs").Said} answer
 * @param {Omit<import("./expected.mjs").Expected, "reaches">} expected
 * @param {string} [policy] the id of the policy that answers
 */
export function checkAnswer(answer, { status, cors, vary, refusal, bodiless, headers = {}, text }, policy) {
  assert.equal(answer.status, status, answer.text);
  checkCors(answer, cors);
  assert.deepEqual(members(answer.all("vary").join(",").toLowerCase()), [...vary].sort(), "Vary");
  if (refusal === undefined) assert.equal(refusalOf(answer), undefined, "nothing is refused");
  else checkRefusal(answer, { ...refusal, ...(policy && { policy }) }, bodiless);
  for (const [name, value] of Object.entries(headers)) assert.equal(answer.get(name), value, name);
  if (text !== undefined) assert.equal(answer.text, text);
}

/**
 * Checks every `Access-Control-*` header: these, each in one line, and no other.
 *
 * @param {import("./raw-http.mjs").Head} answer
 * @param {Record<string, string | string[]>} cors names without the prefix; an array is a list in any order
 */
export function checkCors(answer, cors) {
  const names = answer.headers.map(([name]) => name.toLowerCase()).filter((name) => name.startsWith(PREFIX));
  assert.deepEqual(
    names.sort(),
    Object.keys(cors)
      .map((name) => PREFIX + name)
      .sort(),
  );
  for (const [name, value] of Object.entries(cors)) {
    const sent = answer.get(PREFIX + name);
    // Header names are case-insensitive; methods are not.
    const written = name === "allow-methods" ? sent : sent?.toLowerCase();
    if (Array.isArray(value)) assert.deepEqual(members(written ?? ""), [...value].sort(), name);
    else assert.equal(sent, value, name);
  }
}

/** @param {string} list */
function members(list) {
  const names = list.split(",").map((name) => name.trim());
  return names.filter((name) => name !== "").sort();
}
