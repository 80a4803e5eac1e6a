// `GET /api/history`: the published versions of the policy, as the metadata of their keys names them (docs/publishing.md).

import { listKeys } from "./kv.js";
import { respond } from "./respond.js";
import { parametersOf } from "./search.js";

const POLICIES = "policy/";
const VERSION = /^policy\/version\/([0-9a-f]{16})$/;

/** What the metadata may say; anything else in it is left out. */
const NOTED = /** @type {const} */ (["act", "message", "time", "base", "tool"]);

/**
 * @typedef {Record<(typeof NOTED)[number], string | null>} Noted
 * @typedef {Noted & { id: string | null }} Version
 */

/** @param {{ env: Env, context: ExecutionContext, search: string }} asked @returns {Promise<Response>} */
export async function history({ env, context, search }) {
  parametersOf(search, []);
  const { keys, list_complete: complete } = await listKeys(env, context, POLICIES);
  const versions = [];
  /** @type {Record<string, Version>} */
  const live = {};
  for (const { name, metadata } of keys) {
    const note = members(metadata);
    const [, id] = VERSION.exec(name) ?? [];
    if (id !== undefined) versions.push({ id, ...noted(note) });
    else live[name] = { id: text(note.id), ...noted(note) };
  }
  versions.sort((one, other) => timeOf(other) - timeOf(one) || (one.id < other.id ? -1 : 1));
  const { "policy/current": current = null, "policy/previous": previous = null } = live;
  return respond(200, JSON.stringify({ version: 1, complete, current, previous, versions }), "application/json");
}

/** @param {Record<string, unknown>} note @returns {Noted} */
function noted(note) {
  return /** @type {Noted} */ (Object.fromEntries(NOTED.map((name) => [name, text(note[name])])));
}

/** Metadata that is not an object says nothing. @param {unknown} value @returns {Record<string, unknown>} */
const members = (value) => (typeof value === "object" && value !== null ? { ...value } : {});

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : null);

/** A version without a time is older than all others. @param {Version} version */
const timeOf = ({ time }) => Date.parse(time ?? "") || 0;
