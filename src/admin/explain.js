// `POST /api/explain`: what the gateway would decide about a described request.

import { Problem } from "./problem.js";
import { readText, TooLong } from "./read-text.js";
import { secondModule } from "./second-module.js";
import { answer } from "./answer.js";

const MOST_BYTES = 65_536;

/** @param {{ request: Request, env: Env, context: ExecutionContext }} asked @returns {Promise<Response>} */
export async function explain({ request, env, context }) {
  const [type] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json") throw unsupported();
  // If the declared length is already too large, do not read the body.
  if (Number(request.headers.get("content-length")) > MOST_BYTES) throw tooLarge();
  const description = await descriptionIn(request);
  const second = await secondModule();
  return answer(await second.explain(env, context, description));
}

/** @param {Request} request */
async function descriptionIn(request) {
  try {
    return await readText(request, MOST_BYTES);
  } catch (error) {
    // The body is not UTF-8, or the client has disconnected.
    throw error instanceof TooLong ? tooLarge() : unreadable();
  }
}

function unsupported() {
  const detail = "Describe the request in JSON, with `Content-Type: application/json`.";
  return new Problem(415, "unsupported_media_type", "Not JSON", detail);
}

function tooLarge() {
  return new Problem(413, "content_too_large", "Too long a description", `It may have ${MOST_BYTES} bytes.`);
}

function unreadable() {
  return new Problem(400, "description_invalid", "Not a description", "Write JSON, in UTF-8.");
}
