// Lets each ticket sign in once, worldwide: the object of `../limits/limiter.js` with the ticket's id admits one request
// in a time that is longer than any ticket lasts.

import { readAnswer, readQuestions, writeQuestion } from "../wire/counts.js";
import { uncounted } from "./attempts.js";
import { warn } from "./log.js";
import { serving } from "./serving.js";
import { TICKET_LASTS } from "./ticket.js";

/** In seconds. Longer than `ticketId` accepts a ticket, whatever the clocks say. */
const WINDOW = 4 * TICKET_LASTS;

/**
 * @param {string} id
 * @param {Env} env
 * @param {ExecutionContext} context
 * @returns {Promise<boolean>} false if it was used before; rejected with a `Problem` if nobody can say
 */
export async function spend(id, env, context) {
  const asked = writeQuestion(`admin-ticket/${id}`, "deny", [{ quota: 1, window: WINDOW }]);
  const [{ answer }] = readQuestions(await serving.take(env, context, asked, () => {}));
  const { verdict, error } = readAnswer(answer, 1);
  if (verdict === "admits" || verdict === "denies") return verdict === "admits";
  warn(context, "admin_limiter_failed", { error: error || verdict });
  throw uncounted();
}
