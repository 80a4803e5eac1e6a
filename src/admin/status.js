// `GET /api/status`: what the gateway stands on at this moment.

import { admin_status, wake } from "corsgate-wasm";
import { within } from "./deadline.js";
import { textOf } from "./log.js";
import { answerTold } from "./told.js";

/** In milliseconds. */
const DEADLINE = 5000;

/** @param {{ env: object, context: object }} asked @returns {Promise<Response>} */
export async function status({ env, context }) {
  const store = JSON.stringify(await storeOf(env));
  wake();
  return answerTold(await admin_status(env, context, store));
}

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
