// This isolate's copy of the keys with which a team's Cloudflare Access signs. They change every few weeks; the next
// key is published before it is used.

import { importJWK } from "jose";
import { withinOrAborted } from "../platform/deadline.js";
import { textOf, warn } from "./log.js";
import { readText } from "./read-text.js";

/** How long fetched keys may be used, and how soon they may be fetched again, in milliseconds. */
const MOST_AGE = 3_600_000;
const COOLDOWN = 10_000;
/** Cloudflare publishes two. */
const MOST_KEYS = 16;
const MOST_BYTES = 65_536;
const DEADLINE = 3000;
/** Milliseconds between checks whether another request has fetched the keys. */
const PAUSE = 20;

/** There are no keys to verify with; the log has the reason. */
export class KeysUnavailable extends Error {}

export class AccessKeys {
  #url;
  /** By key id. @type {Map<string, CryptoKey>} */
  #keys = new Map();
  /** The last successful fetch and the last attempt, in milliseconds since 1970. */
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  /** Whether a fetch is under way. */
  #fetching = false;

  /** @param {string} issuer */
  constructor(issuer) {
    this.#url = `${issuer}/cdn-cgi/access/certs`;
  }

  /**
   * Finds the key of an id. An unknown id causes a fetch, but at most one in `COOLDOWN`, whatever ids clients invent.
   *
   * @param {string | undefined} id
   * @param {ExecutionContext} context the request's
   * @returns {Promise<CryptoKey>} rejected if there is none
   */
  async find(id, context) {
    if (!(this.#areFresh() && id !== undefined && this.#keys.has(id))) await this.#renew(context);
    if (!this.#areFresh()) throw new KeysUnavailable();
    const key = id === undefined ? undefined : this.#keys.get(id);
    if (key === undefined) throw new Error("no such key");
    return key;
  }

  #areFresh() {
    return isWithin(this.#fetchedAt, MOST_AGE);
  }

  /** @param {ExecutionContext} context */
  async #renew(context) {
    if (!isWithin(this.#triedAt, COOLDOWN)) {
      this.#triedAt = Date.now();
      this.#fetching = true;
      const fetched = this.#fetch(context);
      // Keep fetching even if the client disconnects: other requests wait for the keys.
      context.waitUntil(fetched);
      return fetched;
    }
    // A request can see what another request's fetch has stored, but cannot await it (Workers, "cross-request
    // promise").
    while (this.#fetching && isWithin(this.#triedAt, DEADLINE)) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** @param {ExecutionContext} context */
  async #fetch(context) {
    try {
      const keys = await withinOrAborted(DEADLINE, (signal) => keysAt(this.#url, signal));
      this.#keys = keys;
      this.#fetchedAt = Date.now();
    } catch (error) {
      warn(context, "access_keys_failed", { url: this.#url, error: textOf(error) });
    } finally {
      this.#fetching = false;
    }
  }
}

/** False if the clock has stepped back since. @param {number} since @param {number} milliseconds */
function isWithin(since, milliseconds) {
  const age = Date.now() - since;
  return age >= 0 && age < milliseconds;
}

/** @param {string} url @param {AbortSignal} signal */
async function keysAt(url, signal) {
  const answer = await fetch(url, { redirect: "manual", signal });
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
  /** @type {{ keys?: unknown }} */
  const { keys } = JSON.parse(await readText(answer, MOST_BYTES));
  if (!Array.isArray(keys)) throw new Error("it is no set of keys (RFC 7517, 5)");
  const usable = keys.filter(isUsable).slice(0, MOST_KEYS);
  const imported = await Promise.allSettled(usable.map(entryOf));
  const entries = imported.flatMap((of) => (of.status === "fulfilled" ? [of.value] : []));
  if (entries.length === 0) throw new Error("it has no RSA key with an id");
  return new Map(entries);
}

/** @typedef {{ kty: "RSA", kid: string, n: string, e: string }} PublishedKey */

/** @param {Partial<PublishedKey> | null} key @returns {key is PublishedKey} without `n` or `e`, the import fails */
function isUsable(key) {
  return key?.kty === "RSA" && typeof key.kid === "string";
}

/**
 * Imports the public part and ignores all other members.
 *
 * @param {PublishedKey} key
 * @returns {Promise<[string, CryptoKey]>}
 */
async function entryOf({ kid, n, e }) {
  return [kid, /** @type {CryptoKey} */ (await importJWK({ kty: "RSA", n, e }, "RS256"))];
}
