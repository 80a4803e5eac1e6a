// `GET /api/status`: the present state of the gateway and the services that it depends on.

import { within } from "../platform/deadline.js";
import { readAnswer, readQuestions, writeQuestion } from "../wire/counts.js";
import { textOf } from "./log.js";
import { answer } from "./answer.js";
import { serving } from "./serving.js";

/** In milliseconds. */
const DEADLINE = 5000;

/** @param {{ env: Env, context: ExecutionContext }} asked @returns {Promise<Response>} */
export async function status({ env, context }) {
  const [limiter, store] = (await Promise.all([limiterOf(env, context), storeOf(env)])).map((of) => JSON.stringify(of));
  return answer(await serving.state(env, context, limiter, store));
}

/**
 * Asks an object that belongs to no limit to count nothing, to see whether it answers.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 */
async function limiterOf(env, context) {
  if (env.LIMITER === undefined) return { state: "unbound", error: null };
  const counted = await serving.take(env, context, writeQuestion("status", "deny", []), () => {});
  const [{ answer }] = readQuestions(counted);
  const { verdict, error } = readAnswer(answer, 0);
  if (verdict === "admits") return { state: "ok", error: null };
  return { state: "failed", error: verdict === "failed" ? error : verdict };
}

/** @param {Env} env */
async function storeOf({ ANALYTICS, STORE }) {
  if (ANALYTICS !== "embedded") return null;
  if (STORE === undefined) return { state: "unbound" };
  try {
    const { rows, bytes, oldest, newest, lost } = await within(DEADLINE, () => STORE.getByName("store").health());
    return { state: "ok", rows, bytes, oldest, newest, lost };
  } catch (error) {
    return { state: "failed", error: textOf(error) };
  }
}
