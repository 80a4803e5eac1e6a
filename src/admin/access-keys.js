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
   * @param {string | undefined} id
   * @param {ExecutionContext} context the request's
   * @returns {Promise<CryptoKey>} rejected where there is none
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
      // Also where the client leaves: others wait for it.
      context.waitUntil(fetched);
      return fetched;
    }
    // A request can look at what another one's fetch has brought, but not wait for it (Workers, "cross-request promise").
    while (this.#fetching && isWithin(this.#triedAt, DEADLINE)) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** @param {ExecutionContext} context */
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

/** A clock that has stepped back says nothing about now. @param {number} since @param {number} milliseconds */
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

/** @param {Partial<PublishedKey> | null} key @returns {key is PublishedKey} where `n` or `e` is missing importing fails */
function isUsable(key) {
  return key?.kty === "RSA" && typeof key.kid === "string";
}

/**
 * The public half, whatever else stands there.
 *
 * @param {PublishedKey} key
 * @returns {Promise<[string, CryptoKey]>}
 */
async function entryOf({ kid, n, e }) {
  return [kid, /** @type {CryptoKey} */ (await importJWK({ kty: "RSA", n, e }, "RS256"))];
}
