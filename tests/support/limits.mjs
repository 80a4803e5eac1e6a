// Limits for tests: writes them into a policy, reads them from a response, and inspects the counting objects.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseList } from "structured-headers";
import { request } from "./requests.mjs";

/** A wrapper in front of the Worker, which `inside` needs. */
export const LIMITER = readFileSync(new URL("./limiter.worker.mjs", import.meta.url), "utf8");

/** The headers that a page may read on a route with limits, whatever its policy says. */
export const FIELDS = ["ratelimit", "ratelimit-policy", "retry-after"];

/** Seconds. Long enough that nothing is refilled while a test runs. */
export const DAY = 86_400;

/**
 * A limit, as the last table of a route.
 *
 * @param {string} name
 * @param {number} quota
 * @param {number} window seconds
 * @param {...string} by the client's address unless named
 */
export function limit(name, quota, window, ...by) {
  const keys = JSON.stringify(by.length > 0 ? by : ["client_ip"]);
  return `[[routes.limits]]\nname = "${name}"\nquota = ${quota}\nwindow = ${window}\nby = ${keys}\n`;
}

let clients = 0;

/** The address of a client that no other test uses. */
export function newClient() {
  clients += 1;
  return `198.18.${clients >> 8}.${clients & 255}`;
}

/** A GET from an address. @param {string} client @param {string} target @param {Record<string, string>} [headers] */
export function from(client, target, headers = {}) {
  return request(`GET ${target}`, { "CF-Connecting-IP": client, ...headers });
}

/** @typedef {{ name: string, [parameter: string]: string | number }} Member its parameters are whole numbers */

/** `RateLimit-Policy`: name and parameters of each member. @param {import("./raw-http.mjs").Head} answer */
export const policiesOf = (answer) => membersOf(answer, "ratelimit-policy");

/** `RateLimit`, as `policiesOf`. @param {import("./raw-http.mjs").Head} answer */
export const standingsOf = (answer) => membersOf(answer, "ratelimit");

/**
 * @param {import("./raw-http.mjs").Head} answer
 * @param {string} field
 * @returns {Member[]}
 */
function membersOf(answer, field) {
  return parseList(answer.all(field).join(", ")).map(([name, parameters]) => {
    assert.ok(typeof name === "string", "the name of a limit is a String, not a Token");
    for (const value of parameters.values()) {
      assert.ok(typeof value === "number" && Number.isInteger(value) && value >= 0, `${name} in ${field}`);
    }
    return { name, .../** @type {Record<string, number>} */ (Object.fromEntries(parameters)) };
  });
}

/** What remains of each limit, by its name. @param {import("./raw-http.mjs").Head} answer */
export const remaining = (answer) => Object.fromEntries(standingsOf(answer).map(({ name, r }) => [name, Number(r)]));

/**
 * Inspects the objects that count, on a gateway behind `LIMITER`.
 *
 * @param {() => import("./gateway.mjs").TestGateway} gateway
 */
export function inside(gateway) {
  /** @param {string} words */
  const tell = async (words) => {
    const answer = await gateway().request({ headers: { "Test-Limiter": words } });
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text);
  };
  /**
   * @param {string} words
   * @param {string} route
   * @returns {Promise<Record<string, number>>} by the name of the object
   */
  const ofRoute = async (words, route) => {
    const all = Object.entries(/** @type {Record<string, number>} */ (await tell(words)));
    return Object.fromEntries(all.filter(([name]) => name.startsWith(`${route}/`)));
  };
  /** @param {string} route */
  const asked = (route) => ofRoute("asked", route);
  return {
    /** The objects of a route that have been called: the number of calls, by name. @param {string} route */
    asked,
    /** The objects that got refunds: the number of refunds, by name. @param {string} route */
    given: (route) => ofRoute("given", route),
    /** The objects to which permits were returned by calls of their own: the number of calls. @param {string} route */
    returned: (route) => ofRoute("returned", route),
    /** What an object stores: key and type of each value, and the time of its alarm. @param {string} name */
    stored: (name) => tell(`stored ${name}`),
    /** Runs its alarm. @param {string} name */
    wake: (name) => tell(`wake ${name}`),
    /** Evicts all objects of a route from memory, as the platform does when they are idle. @param {string} route */
    async evict(route) {
      for (const name of Object.keys(await asked(route))) {
        // Load the object first: only an object in memory can be evicted.
        await tell(`stored ${name}`);
        await gateway().instance.unsafeEvictDurableObject("corsgate", "Limiter", { name });
      }
    },
    /** Stops the clock of objects and Worker, and starts it again. */
    stop: () => tell("stop"),
    run: () => tell("run"),
    /** Whether objects in the mood `held` keep their answers back. */
    hold: () => tell("hold"),
    release: () => tell("release"),
    /** Moves the clock ahead, whether it runs or stands still. @param {number} seconds negative: it steps back */
    ahead: (seconds) => tell(`ahead ${seconds}`),
  };
}
