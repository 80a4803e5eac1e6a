// A team of Cloudflare Access for tests: its keys at Access's address, and assertions signed with them.

import { once } from "node:events";
import http from "node:http";
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import { urlOf } from "./listening.mjs";

export const AUDIENCE = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228";

/**
 * @typedef {Awaited<ReturnType<typeof newKey>>} Key
 * @typedef {{ jwk: unknown }} Published as JSON, which need not be a key
 * @typedef {(response: http.ServerResponse) => void} Answer
 */

/** A key pair like those of Access. @param {string} kid */
export async function newKey(kid) {
  const pair = await generateKeyPair("RS256", { extractable: true });
  return { kid, ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg: "RS256", use: "sig" } };
}

/**
 * Starts one. `fetches` counts how often its keys were asked for; `answerWith` changes what it answers.
 *
 * @param {Key[]} keys
 */
export async function startIssuer(keys) {
  let fetches = 0;
  let answer = publish(keys);
  const server = http.createServer((request, response) => {
    // A gateway that followed the redirect would find keys there.
    if (request.url !== "/cdn-cgi/access/certs") return publish(keys)(response);
    fetches += 1;
    answer(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = urlOf(server);
  return {
    url,
    fetches: () => fetches,
    /** @param {Published[]} keys */
    publish: (keys) => (answer = publish(keys)),
    /** @param {Answer} handler */
    answerWith: (handler) => (answer = handler),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** @param {Published[]} keys @returns {Answer} */
function publish(keys) {
  const body = JSON.stringify({ keys: keys.map(({ jwk }) => jwk), public_certs: [] });
  return (response) => response.writeHead(200, { "content-type": "application/json" }).end(body);
}

/**
 * An assertion as Access signs it, with other claims and another header where they are named; undefined: none.
 *
 * @param {string} issuer
 * @param {Key} key
 * @param {object} [claims]
 * @param {object} [header]
 * @param {Parameters<SignJWT["sign"]>[0]} [secret] what signs, if not the key
 */
export function assertion(issuer, key, claims = {}, header = {}, secret = key.privateKey) {
  const now = Math.floor(Date.now() / 1000);
  const usual = {
    aud: [AUDIENCE],
    email: "user@example.com",
    exp: now + 600,
    iat: now,
    nbf: now,
    iss: issuer,
    type: "app",
    identity_nonce: "6ei69kawdKzMIAPF",
    sub: "7335d417-61da-459d-899c-0a01c76a2f94",
    country: "US",
  };
  const payload = JSON.parse(JSON.stringify({ ...usual, ...claims }));
  return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: key.kid, typ: "JWT", ...header }).sign(secret);
}
