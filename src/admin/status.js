// `GET /api/status`: what the gateway stands on at this moment.

import { admin_status } from "corsgate-wasm";
import { take } from "../limits/counting.js";
import { within } from "../platform/deadline.js";
import { askWithReads } from "../exchange/waiting.js";
import { textOf } from "./log.js";
import { answerTold } from "./answer.js";

/** In milliseconds. */
const DEADLINE = 5000;

/** @param {{ env: Env, context: ExecutionContext }} asked @returns {Promise<Response>} */
export async function status({ env, context }) {
  const [limiter, store] = (await Promise.all([limiterOf(env, context), storeOf(env)])).map((of) => JSON.stringify(of));
  return answerTold(
    await askWithReads(env, context, (began, learned) => admin_status(env, context, limiter, store, began, learned)),
  );
}

/** Asks an object that no limit has to count nothing. @param {Env} env @param {ExecutionContext} context */
async function limiterOf(env, context) {
  if (env.LIMITER === undefined) return { state: "unbound", error: null };
  const counted = await take(env, context, "status\tdeny\t", () => {});
  const answer = counted.slice(counted.lastIndexOf("\t") + 1);
  if (/^\d+$/.test(answer)) return { state: "ok", error: null };
  return { state: "failed", error: answer.replace(/^(failed|slow) /, "") };
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
