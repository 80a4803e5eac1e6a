// The console of a gateway on this machine: its host, its token, and the link that signs in.

import { randomBytes } from "node:crypto";
import { makeTicket, signInLink } from "../../src/admin/ticket.js";
import { Failure } from "./command.mjs";

/** Browsers and curl resolve names under `localhost` to this machine (RFC 6761, 6.3). */
const ADMIN_HOST = "admin.localhost";

/**
 * The Worker's variables with which it has a console, and shows what it refuses at once.
 *
 * @param {string} adminToken
 */
export function consoleVars(adminToken) {
  return { POLICY_REFRESH_SECONDS: "1", ANALYTICS: "embedded", ADMIN_HOST, ADMIN_TOKEN: adminToken };
}

/**
 * The token of the admin API: the one that the operator's tool reads too, or a random one.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function adminTokenFrom({ CORSGATE_ADMIN_TOKEN: token }) {
  if (!token) return randomBytes(32).toString("base64url");
  if (Buffer.byteLength(token) >= 32) return token;
  throw new Failure("the admin API takes no token of fewer than 32 bytes, as that in CORSGATE_ADMIN_TOKEN is");
}

/**
 * The address of the admin API, and the text with a link to the console. The Worker accepts the link because it derives
 * the same key from the token.
 *
 * @param {number} port of the gateway
 * @param {{ ADMIN_HOST: string, ADMIN_TOKEN: string }} vars of the Worker
 */
export async function consoleLink(port, { ADMIN_HOST: name, ADMIN_TOKEN: token }) {
  const host = `${name}:${port}`;
  const { ticket } = await makeTicket(token, host);
  const url = `http://${host}`;
  const text = `Open the console. This link signs in once, within a minute:\n\n  ${signInLink(url, ticket)}\n\n`;
  return { url, text };
}

/** Shows the link alone. */
const AS_LINK = `node -p 'JSON.parse(require("fs").readFileSync(0)).url'`;

/**
 * The line that makes another link.
 *
 * @param {string} url of the admin host
 * @param {string} token as a shell reads it
 */
export function anotherLink(url, token) {
  return `curl -s -H "Authorization: Bearer ${token}" -X POST ${url}/api/ticket | ${AS_LINK}`;
}
