// Runs in workerd, in place of the Worker: a counting object goes through steps, with isolates that borrow from it, by a
// clock of its own. The isolates are simulated, as `src/limits/permits.js` describes them; the object is the real one.

import { Limiter } from "./index.js";

const now = Date.now;
/** @type {number | undefined} */
let stopped;
Date.now = () => stopped ?? now();

/**
 * @typedef {object} Steps
 * @property {{ quota: number, window: number }} rate
 * @property {number} lease in milliseconds
 * @property {Step[]} steps
 *
 * @typedef {[verb: string, ...numbers: number[]]} Step
 *
 * @typedef {object} Went
 * @property {number[]} passed the times of requests that passed, in milliseconds since the first step
 * @property {number} open for how long requests were counted that were refunded, in milliseconds
 *
 * @typedef {object} Held permits of an isolate
 * @property {number} permits
 * @property {bigint[]} ends
 * @property {number} until
 * @property {bigint} told the arrival time of the last answer
 *
 * @typedef {Limiter & { go: (steps: Steps) => Went }} Going
 */

/** @type {Going} */ (Limiter.prototype).go = function ({ rate, lease, steps }) {
  const began = 1_790_000_000_000;
  let at = began;
  stopped = at;
  const rates = [rate];
  const interval = BigInt(Math.ceil((rate.window * 1e9) / rate.quota));
  /** @type {(Held | undefined)[]} */
  const isolates = [];
  /** @type {{ takenAt: number, arrivals: bigint[] }[]} */
  const denied = [];
  /** @type {Went} */
  const went = { passed: [], open: 0 };
  /** @param {number} isolate */
  const returned = (isolate) => {
    const held = isolates[isolate];
    isolates[isolate] = undefined;
    return held && { permits: held.permits, ends: held.ends };
  };
  /** @param {import("../../src/limits/permits.js").Wish} [wish] */
  const take = (wish) => {
    const [answer, loan] = this.take(rates, wish).split("\n");
    const [, verdict, arrival] = /^answer 1 \d+ ([+-])(\d+)$/.exec(answer) ?? [];
    const [, permits, end] = /^loan 1 (\d+) (\d+)$/.exec(loan ?? "") ?? [];
    const told = BigInt(arrival);
    const lent = permits === undefined ? undefined : { permits: Number(permits), ends: [BigInt(end)] };
    return verdict === "+" ? { told, lent } : undefined;
  };
  /** @param {number} isolate */
  const usePermit = (isolate) => {
    const held = isolates[isolate];
    if (held === undefined || held.permits === 0 || at >= held.until) return undefined;
    held.permits -= 1;
    const begins = BigInt(at) * 1_000_000n;
    held.told = (held.told > begins ? held.told : begins) + interval;
    return held.told;
  };
  /** @type {Record<string, (...numbers: number[]) => void>} */
  const verbs = {
    wait: (milliseconds) => {
      at += milliseconds;
      stopped = at;
    },
    flood: (requests) => {
      for (let asked = 0; asked < requests && take() !== undefined; asked += 1) went.passed.push(at);
    },
    ask: (isolate, permits) => {
      const answer = take({ permits, lease, returned: returned(isolate) });
      if (answer === undefined) return;
      went.passed.push(at);
      const { told, lent } = answer;
      if (lent !== undefined) isolates[isolate] = { ...lent, until: at + lease, told };
    },
    use: (isolate, requests) => {
      for (let asked = 0; asked < requests && usePermit(isolate) !== undefined; asked += 1) went.passed.push(at);
    },
    deny: (requests) => {
      for (let asked = 0; asked < requests; asked += 1) {
        const answer = take();
        if (answer !== undefined) denied.push({ takenAt: at, arrivals: [answer.told] });
      }
    },
    denyBeside: (isolate) => {
      const told = usePermit(isolate);
      if (told !== undefined) denied.push({ takenAt: at, arrivals: [told] });
    },
    giveBack: (from, requests) => {
      for (const { takenAt, arrivals } of denied.splice(from, requests)) {
        went.open += at - takenAt;
        this.giveBack(rates, takenAt, arrivals);
      }
    },
    returnRest: (isolate) => {
      const rest = returned(isolate);
      if (rest !== undefined) this.takeBack(rates, rest);
    },
    die: (isolate) => {
      isolates[isolate] = undefined;
    },
  };
  for (const [verb, ...numbers] of steps) verbs[verb](...numbers);
  went.passed = went.passed.map((time) => time - began);
  return went;
};

export default {
  /** @param {Request} request @param {{ LIMITER: DurableObjectNamespace<Going> }} env */
  async fetch(request, env) {
    const { name, ...steps } = /** @type {Steps & { name: string }} */ (await request.json());
    return Response.json(await env.LIMITER.getByName(name).go(steps));
  },
};
