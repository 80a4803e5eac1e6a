// Asking the admin API of a gateway in tests.

import { newClient } from "./limits.mjs";

const HOST = "admin.example.com";
const TOKEN = "a-token-of-the-tests-with-36-bytes-1";

/** For `withGateway`: the variables that open the admin API. */
export const ADMIN_VARS = { ADMIN_HOST: HOST, ADMIN_TOKEN: TOKEN };

/**
 * @param {{ request: Function }} gateway
 * @param {string} line method and target
 * @param {unknown} [body] a text as it is, anything else as JSON
 * @param {Record<string, string>} [more] headers
 * @returns {Promise<{ status: number, json: object }>}
 */
export async function askAdmin(gateway, line, body = "", more = {}) {
  const [method, target] = line.split(" ");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = { Host: HOST, Authorization: `Bearer ${TOKEN}`, "CF-Connecting-IP": newClient(), ...more };
  if (text !== "") Object.assign(headers, { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(text)) });
  const answer = await gateway.request({ method, target, headers, body: text, timeout: 10_000 });
  return { status: answer.status, json: JSON.parse(answer.text) };
}

/** The end of a problem's type. */
export const slugOf = ({ type }) => type.replace("https://corsgate.invalid/problems/", "");
