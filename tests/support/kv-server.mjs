// A fake of KV's service, which workerd's binding calls over HTTP, for tests in which KV fails. The binding in the
// Worker and its errors are real; only the service behind it is controlled by the test.

import { once } from "node:events";
import http from "node:http";
import { urlOf } from "./listening.mjs";

/** KV's own limits (https://developers.cloudflare.com/kv/platform/limits/). */
const MOST_KEY_BYTES = 512;
const LEAST_CACHE_SECONDS = 30;

/**
 * @typedef {"serve" | "fail" | "hang" | "break"} Mood `hang` never answers, `break` hangs up in the middle of the value
 */

/**
 * @typedef {object} KvServer
 * @property {string} url
 * @property {Map<string, string | Uint8Array>} values
 * @property {string[]} reads every key that was asked for, in order
 * @property {(mood: Mood, prefix?: string) => void} turn changes what becomes of reads of the keys that begin so; of
 *   all, without a prefix
 * @property {() => void} release answers what hangs, by what KV holds now
 * @property {() => Promise<void>} close
 */

/**
 * @param {Record<string, string | Uint8Array>} entries
 * @returns {Promise<KvServer>}
 */
export async function startKv(entries) {
  const values = new Map(Object.entries(entries));
  /** @type {Map<string, Mood>} */
  const moods = new Map();
  /** @type {string[]} */
  const reads = [];
  /** @type {(() => void)[]} */
  let hanging = [];
  /** @param {string} key @param {http.ServerResponse} response */
  const answer = (key, response) => {
    const value = values.get(key);
    response.writeHead(value === undefined ? 404 : 200).end(value);
  };
  const server = http.createServer((request, response) => {
    // Miniflare wraps each request to KV in a request to the given address.
    const asked = new URL(String(request.headers["mf-url"]));
    const key = decodeURIComponent(asked.pathname.slice(1));
    reads.push(key);
    if (Buffer.byteLength(key) > MOST_KEY_BYTES) return response.writeHead(414).end();
    if (Number(asked.searchParams.get("cache_ttl")) < LEAST_CACHE_SECONDS) return response.writeHead(400).end();
    const mood = moodOf(key, moods);
    if (mood === "serve") return answer(key, response);
    if (mood === "fail") return response.writeHead(500).end();
    if (mood === "hang") return hanging.push(() => answer(key, response));
    response.writeHead(200, { "content-length": 1000 }).write("half a value", () => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: urlOf(server),
    values,
    reads,
    turn(mood, prefix = "") {
      if (prefix === "") moods.clear();
      moods.set(prefix, mood);
    },
    release() {
      for (const answerNow of hanging) answerNow();
      hanging = [];
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * What is said of the longest beginning counts.
 *
 * @param {string} key
 * @param {Map<string, Mood>} moods
 * @returns {Mood}
 */
function moodOf(key, moods) {
  const said = [...moods.keys()].filter((prefix) => key.startsWith(prefix)).sort();
  return moods.get(said.at(-1) ?? "") ?? "serve";
}
