// Turns the description that `/api/explain` takes into a request of the platform. It is then gathered like any other,
// so there is no second implementation of what decides.

import { isToken } from "./second-wasm.js";
import { writeAnswer } from "../wire/reply.js";
import { documentOf } from "./problem.js";

/** The longest description, in bytes. */
const MOST_BYTES = 65_536;

const FIELDS = ["url", "method", "origin", "headers", "today"];

/** Headers that affect the decision and that the runtime reports as absent when a client sends them empty. */
const ABSENT_WHEN_EMPTY = ["origin", "upgrade", "accept", "authorization"];

/** A description has an invalid field. */
class Wrong extends Error {
  /**
   * @param {string} field
   * @param {string} detail what is wrong with it, and what to write
   */
  constructor(field, detail, status = 400) {
    super(detail);
    this.field = field;
    this.status = status;
  }
}

/**
 * Reads a description.
 *
 * @param {string} text JSON
 * @returns {{ request: Request, today?: string } | string} the request and the date to use as today, or the problem, as
 *   a `reply`
 */
export function describe(text) {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof Wrong) return wrong(error.field, error.message, error.status);
    return wrong("body", `the description cannot be read: ${error}`);
  }
}

/**
 * The `reply` to an invalid description: a problem.
 *
 * @param {string} field
 * @param {string} detail
 */
export function wrong(field, detail, status = 400) {
  const title = "The request is not described as it must be";
  return writeAnswer(status, { ...documentOf(status, "description_invalid", title, detail), field });
}

/** The `reply` to a `today` that is not a date. @param {string} day @param {string} error */
export function wrongDay(day, error) {
  return wrong("today", `\`today\` is ${quoted(day)}, which is ${error}: write one such as \`2027-01-31\``);
}

/** @typedef {Record<string, unknown>} Description */

/** @param {string} text */
function read(text) {
  if (new TextEncoder().encode(text).length > MOST_BYTES) {
    throw new Wrong("body", `a description has at most ${MOST_BYTES} bytes`, 413);
  }
  const described = parse(text);
  for (const name of Object.keys(described)) {
    if (!FIELDS.includes(name))
      throw new Wrong(shown(name), `${quoted(name)} is no field of a description; these are: ${FIELDS.join(", ")}`);
  }
  const url = readUrl(described);
  const method = readText(described, "method") ?? "GET";
  if (!isToken(method)) throw new Wrong("method", `${quoted(method)} is not a method: write one word, such as \`GET\``);
  const headers = readHeaders(described);
  const today = readText(described, "today");
  try {
    return { request: new Request(url, { method, headers }), today };
  } catch {
    throw new Wrong("method", `the platform serves no request with the method ${quoted(method)}`);
  }
}

const MOST_QUOTED = 80;

/**
 * The text, cut to a readable length and without half a character, which many JSON parsers reject.
 *
 * @param {string} text
 */
function shown(text) {
  const cut = text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text;
  return cut.toWellFormed();
}

/** @param {string} text */
function quoted(text) {
  return `\`${shown(text)}\``;
}

/** @param {string} text @returns {Description} */
function parse(text) {
  let described;
  try {
    described = JSON.parse(text);
  } catch (error) {
    throw new Wrong("body", `the body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof described !== "object" || described === null || Array.isArray(described)) {
    throw new Wrong("body", 'the body is not an object: write one such as `{"url": "https://api.example.com/"}`');
  }
  return described;
}

/** @param {Description} described @param {string} name */
function readText(described, name) {
  const value = described[name] ?? undefined;
  if (value !== undefined && typeof value !== "string")
    throw new Wrong(name, `\`${name}\` is not a text: put it between quotes`);
  return value;
}

/** @param {Description} described */
function readUrl(described) {
  const text = readText(described, "url");
  if (text === undefined)
    throw new Wrong("url", "`url` is missing: write that of the request, such as `https://api.example.com/users`");
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new Wrong("url", `${quoted(text)} is not an absolute URL: write \`https://host/path\``);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new Wrong(
      "url",
      `${quoted(text)} is neither \`https\` nor \`http\`, and the gateway is asked for nothing else`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new Wrong("url", "`url` has a user name or a password, which no client sends: leave them out");
  }
  return url;
}

/** @param {Description} described */
function readHeaders(described) {
  const named = described.headers ?? {};
  if (typeof named !== "object" || Array.isArray(named)) {
    throw new Wrong("headers", '`headers` is not an object of names and values, such as `{"Accept": "*/*"}`');
  }
  const headers = new Headers();
  /** @param {string} field @param {string} name @param {string} value */
  const add = (field, name, value) => {
    try {
      headers.append(name, value);
    } catch {
      throw new Wrong(field, `no header ${quoted(name)} can have this value: line breaks and zero bytes are not sent`);
    }
  };
  for (const [name, value] of Object.entries(named)) {
    if (!isToken(name)) throw new Wrong("headers", `${quoted(name)} is not the name of a header`);
    if (typeof value !== "string") throw new Wrong("headers", `${quoted(name)} is not a text: put it between quotes`);
    add("headers", name, value);
  }
  const origin = readText(described, "origin");
  if (origin !== undefined) {
    if (headers.has("origin")) throw new Wrong("origin", "`origin` stands among `headers` too: leave one of them out");
    add("origin", "origin", origin);
  }
  for (const name of ABSENT_WHEN_EMPTY) if (headers.get(name) === "") headers.delete(name);
  return headers;
}
