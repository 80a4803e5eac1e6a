// Runs in workerd, in front of the Worker: the counting objects serve one call at a time, and each call takes the
// milliseconds that `Test-Serve` names. Calls wait for those before them, as in an object that is called faster than
// it can answer.

import gateway, { Limiter } from "./index.js";

/** See `patience.worker.mjs`. */
const { asDeployed } = /** @type {{ asDeployed: (work: () => Response | Promise<Response>) => Promise<Response> }} */ (
  /** @type {unknown} */ (globalThis)
);

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let asked = 0;

/**
 * @typedef {object} Turns
 * @property {Promise<unknown>} [turn] of the last call
 * @property {(milliseconds: number, ...asked: Parameters<Limiter["take"]>) => Promise<string>} takeInTurn
 *
 * @typedef {Limiter & Turns} InTurn
 */

/** @type {InTurn} */ (Limiter.prototype).takeInTurn = function (milliseconds, ...asked) {
  this.turn = (this.turn ?? Promise.resolve()).then(() => sleep(milliseconds));
  return this.turn.then(() => this.take(...asked));
};

export default {
  /**
   * @param {Request} request
   * @param {{ LIMITER: DurableObjectNamespace<InTurn> }} env
   * @param {ExecutionContext} context
   */
  fetch(request, env, context) {
    if (request.headers.has("test-asked")) return Response.json(asked);
    const serve = Number(request.headers.get("test-serve"));
    /** @param {string} name */
    const getByName = (name) => {
      const object = env.LIMITER.getByName(name);
      /** @param {Parameters<InTurn["take"]>} question */
      const take = (...question) => {
        asked += 1;
        return object.takeInTurn(serve, ...question);
      };
      /** @param {Parameters<InTurn["giveBack"]>} given */
      const giveBack = (...given) => object.giveBack(...given);
      /** @param {Parameters<InTurn["takeBack"]>} returned */
      const takeBack = (...returned) => object.takeBack(...returned);
      return { take, giveBack, takeBack };
    };
    return asDeployed(() => gateway.fetch(request, { ...env, LIMITER: { getByName } }, context));
  },
};
