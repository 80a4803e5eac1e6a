// `GET /api/policy`: the compiled policy in force, as it is in KV.

import { answer } from "./answer.js";
import { readKey } from "./kv.js";
import { Problem } from "./problem.js";
import { respond } from "./respond.js";
import { parametersOf } from "./search.js";
import { serving } from "./serving.js";

/** @param {{ env: Env, context: ExecutionContext, search: string }} asked @returns {Promise<Response>} */
export async function policy({ env, context, search }) {
  parametersOf(search, []);
  const reply = await serving.policyInForce(env, context);
  if (reply.status !== 200) return answer(reply);
  const { id, copy, age_seconds } = JSON.parse(reply.json);
  const { key, document } = await documentOf(env, context, { id, copy });
  const answered = { version: 1, id, copy, age_seconds, key, policy: document };
  return respond(200, JSON.stringify(answered), "application/json");
}

/**
 * The document with this id. The copy of an isolate can be older than KV, but versions never change.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {{ id: string | null, copy: string }} status
 */
async function documentOf(env, context, { id, copy }) {
  const keys = [`policy/${copy}`, ...(id === null ? [] : [`policy/version/${id}`])];
  for (const key of keys) {
    const document = parsed(await readKey(env, context, key));
    if (document !== undefined && (document.id || null) === id) return { key, document };
  }
  const detail = "The policy in KV is another one by now, and the gateway does not use it yet. Try again in a moment.";
  throw new Problem(503, "policy_changed", "The policy changes at this moment", detail);
}

/** @param {string | null} text @returns {Record<string, unknown> | undefined} */
function parsed(text) {
  try {
    const document = JSON.parse(text ?? "null");
    return typeof document === "object" && document !== null ? document : undefined;
  } catch {
    return undefined;
  }
}
