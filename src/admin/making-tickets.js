// `POST /api/ticket`: another sign-in link. Only the token makes one: a session could otherwise renew itself for ever.

import { Problem } from "./problem.js";
import { respond } from "./respond.js";
import { waysOf } from "./sign-in.js";
import { makeTicket, signInLink } from "./ticket.js";

/** @param {import("./admin.js").AdminRequest} asked */
export async function ticket({ request, env, way }) {
  const { secret } = waysOf(env);
  if (way !== "token" || secret === undefined) throw needsToken();
  const { origin, host } = new URL(request.url);
  const made = await makeTicket(secret, host);
  const expires = new Date(made.expires * 1000).toISOString().replace(".000", "");
  return respond(
    200,
    JSON.stringify({ version: 1, url: signInLink(origin, made.ticket), expires }),
    "application/json",
  );
}

function needsToken() {
  const detail =
    "Only `Authorization: Bearer` and the token make a link: neither a session nor Cloudflare Access does.";
  return new Problem(403, "token_needed", "This needs the token", detail);
}
