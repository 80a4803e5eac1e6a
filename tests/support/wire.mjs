// The JavaScript side of the messages in `src/wire`, for the tests of the Rust side: reads a list of calls from standard
// input, as JSON, and writes the result of each.

import { readFileSync } from "node:fs";
import * as counts from "../../src/wire/counts.js";
import { readFailure } from "../../src/wire/failure.js";
import { gather } from "../../src/wire/gathered.js";
import { writeGranted } from "../../src/wire/granted.js";
import { readHeaders } from "../../src/wire/headers.js";
import { NOTHING_LEARNED, withCounted, withUnread } from "../../src/wire/learned.js";
import { MalformedMessage } from "../../src/wire/message.js";
import { observe } from "../../src/wire/observed.js";
import { readPlan } from "../../src/wire/plan.js";
import { keyOf, linesOf } from "../../src/wire/read.js";
import { BLOBS, readRecord } from "../../src/wire/record.js";
import { readReply, writeAnswer } from "../../src/wire/reply.js";

/**
 * @typedef {Record<string, string>} Fields
 *
 * @typedef {object} AsRequest the parts of a request that are written
 * @property {string} method
 * @property {string} url
 * @property {Fields} headers
 * @property {string | null} body
 */

/** @param {object} parts @returns {Request} */
const asRequest = (parts) => /** @type {Request} */ (parts);

const CALLS = {
  /** @param {AsRequest} parts */
  gather: ({ headers, ...request }) => gather(asRequest({ ...request, headers: new Headers(headers) })),
  /** @param {Request["cf"]} cf @param {Fields} headers */
  observe: (cf, headers) => observe(asRequest({ cf, headers: new Headers(headers) })),
  /** @param {Fields} headers */
  granted: (headers) => writeGranted(new Headers(headers)),
  nothingLearned: () => NOTHING_LEARNED,
  withUnread,
  withCounted,
  /** @param {string} reads */
  keys: (reads) => linesOf(reads).map(keyOf),
  /** @param {string} plan */
  asked: (plan) => counts.readQuestions(plan).map(({ object, rates }) => ({ object, rates })),
  /** @param {string} plan @param {number} now @param {number[]} arrivals negative: denied */
  admit: (plan, now, arrivals) =>
    counts
      .readQuestions(plan)
      .map(({ line }) => {
        const limits = arrivals.map((arrival) => ({ admits: arrival > 0, arrival: BigInt(Math.abs(arrival)) }));
        return counts.writeCounted(line, counts.writeAnswer(now, limits));
      })
      .join("\n"),
  /** @param {string} plan @param {...string} answers */
  answers: (plan, ...answers) =>
    counts.readQuestions(plan).map(({ line }, at) => counts.writeCounted(line, answers[at])),
  failures: () => [counts.OVERLOADED, counts.slow("no answer"), counts.failed("two\nlines\tand a tab")],
  /** @param {[answer: string, limits: number]} answer */
  readAnswer(...answer) {
    const { arrivals, ...read } = counts.readAnswer(...answer);
    return { ...read, arrivals: arrivals.map(String) };
  },
  /** A loan as it is written behind an answer, and read again. @param {number} permits @param {string[]} ends */
  lend(permits, ends) {
    const { counted, lent } = counts.readLoan(
      `an answer${counts.writeLoan({ permits, ends: ends.map(BigInt) })}`,
      ends.length,
    );
    return [counted, lent?.permits, lent?.ends.map(String)];
  },
  /** @param {string} text @param {number} limits */
  isLoan: (text, limits) => counts.readLoan(text, limits).lent !== undefined,
  headers: readHeaders,
  failure: readFailure,
  /** @param {string} message @param {Fields} requestHeaders @param {Fields} responseHeaders */
  plan(message, requestHeaders, responseHeaders) {
    const { request, response, ...fields } = readPlan(message);
    /** @param {typeof request} changes @param {Fields} before */
    const changed = (changes, before) => {
      const headers = new Headers(before);
      changes.apply(headers);
      return Object.fromEntries(headers);
    };
    return { ...fields, request: changed(request, requestHeaders), response: changed(response, responseHeaders) };
  },
  blobs: () => BLOBS,
  record: readRecord,
  reply: readReply,
  writeAnswer,
};

/** @type {[call: keyof typeof CALLS, ...values: unknown[]][]} */
const calls = JSON.parse(readFileSync(0, "utf8"));
const given = calls.map(([call, ...values]) => {
  try {
    return /** @type {(...values: unknown[]) => unknown} */ (CALLS[call])(...values);
  } catch (error) {
    if (error instanceof MalformedMessage) return { malformed: error.message };
    throw error;
  }
});
process.stdout.write(JSON.stringify(given));
