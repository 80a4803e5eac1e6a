// The keys with which a team's Cloudflare Access signs, as this isolate knows them. They change every few weeks, with the
// next one published before it is used.

import { importJWK } from "jose";
import { within } from "../platform/deadline.js";
import { textOf, warn } from "./log.js";
import { readText } from "./read-text.js";

/** How long keys that were fetched may be used, and how soon they may be fetched again, in milliseconds. */
const MOST_AGE = 3_600_000;
const COOLDOWN = 10_000;
/** Cloudflare publishes two. */
const MOST_KEYS = 16;
const MOST_BYTES = 65_536;
const DEADLINE = 3000;
/** Between looks at what another request is fetching. */
const PAUSE = 20;

/** There are none to judge by; the log has why. */
export class KeysUnavailable extends Error {}

export class AccessKeys {
  #url;
  /** By their ids. @type {Map<string, CryptoKey>} */
  #keys = new Map();
  /** When these were fetched, and when that was last tried, in milliseconds since 1970. */
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  /** Whether that is still being tried. */
  #fetching = false;

  /** @param {string} issuer */
  constructor(issuer) {
    this.#url = `${issuer}/cdn-cgi/access/certs`;
  }

  /**
   * The key of an id. What is not known is fetched, but no more than once in a while, whatever ids clients invent.
   *
   * @param {unknown} id
   * @param {{ waitUntil: (promise: Promise<void>) => void }} context the request's
   * @returns {Promise<CryptoKey>} rejected where there is none
   */
  async find(id, context) {
    if (!(this.#areFresh() && this.#keys.has(id))) await this.#renew(context);
    if (!this.#areFresh()) throw new KeysUnavailable();
    const key = this.#keys.get(id);
    if (key === undefined) throw new Error("no such key");
    return key;
  }

  #areFresh() {
    return isWithin(this.#fetchedAt, MOST_AGE);
  }

  async #renew(context) {
    if (!isWithin(this.#triedAt, COOLDOWN)) {
      this.#triedAt = Date.now();
      this.#fetching = true;
      const fetched = this.#fetch(context);
      // Also where the client leaves: others wait for it.
      context.waitUntil(fetched);
      return fetched;
    }
    // A request can look at what another one's fetch has brought, but not wait for it (Workers, "cross-request promise").
    while (this.#fetching && isWithin(this.#triedAt, DEADLINE)) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  async #fetch(context) {
    try {
      const keys = await within(DEADLINE, (signal) => keysAt(this.#url, signal));
      this.#keys = keys;
      this.#fetchedAt = Date.now();
    } catch (error) {
      warn(context, "access_keys_failed", { url: this.#url, error: textOf(error) });
    } finally {
      this.#fetching = false;
    }
  }
}

/** A clock that has stepped back says nothing about now. */
function isWithin(since, milliseconds) {
  const age = Date.now() - since;
  return age >= 0 && age < milliseconds;
}

async function keysAt(url, signal) {
  const answer = await fetch(url, { redirect: "manual", signal });
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
  const { keys } = JSON.parse(await readText(answer, MOST_BYTES));
  if (!Array.isArray(keys)) throw new Error("it is no set of keys (RFC 7517, 5)");
  const usable = keys.filter((key) => key?.kty === "RSA" && typeof key.kid === "string").slice(0, MOST_KEYS);
  const imported = await Promise.allSettled(usable.map(entryOf));
  const entries = imported.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
  if (entries.length === 0) throw new Error("it has no RSA key with an id");
  return new Map(entries);
}

/** The public half, whatever else stands there. */
async function entryOf({ kid, n, e }) {
  return [kid, await importJWK({ kty: "RSA", n, e }, "RS256")];
}
