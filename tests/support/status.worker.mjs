// Runs in workerd, in front of the Worker: replaces the object by which the status tests the limiter, and behaves as a
// request says. The object that counts attempts to sign in is the Worker's own.

import gateway from "./index.js";

/** See `patience.worker.mjs`. */
const { asDeployed } = /** @type {{ asDeployed: (work: () => Response | Promise<Response>) => Promise<Response> }} */ (
  /** @type {unknown} */ (globalThis)
);

/** @typedef {import("./index.js").Limiter} Limiter */

/** @type {Record<string, () => object>} */
const MOODS = {
  throw: () => {
    throw new Error("no object\ntoday");
  },
  reject: () => ({ take: () => Promise.reject(new Error("no answer\ntoday")) }),
  hang: () => ({ take: () => new Promise(() => {}) }),
  overloaded: () => ({ take: () => Promise.reject(Object.assign(new Error("too many"), { overloaded: true })) }),
  word: () => ({ take: async () => "admitted" }),
};

/**
 * The environment, with that one object in a mood; `unbound`: the binding is gone once someone has signed in.
 *
 * @param {Env} env
 * @param {string} mood
 */
function environment(env, mood) {
  const LIMITER = {
    /** @param {string} name */
    getByName: (name) => (name === "status" && MOODS[mood] ? MOODS[mood]() : env.LIMITER.getByName(name)),
  };
  if (mood !== "unbound") return { ...env, LIMITER };
  let taken = false;
  const once = {
    /** @param {string} name */
    getByName(name) {
      const object = env.LIMITER.getByName(name);
      return {
        /** @param {Parameters<Limiter["take"]>[0]} rates */
        async take(rates) {
          const answer = await object.take(rates);
          taken = true;
          return answer;
        },
        /** @param {Parameters<Limiter["giveBack"]>} given */
        giveBack: (...given) => object.giveBack(...given),
      };
    },
  };
  return Object.defineProperty({ ...env }, "LIMITER", { enumerable: true, get: () => (taken ? undefined : once) });
}

export default {
  /** @param {Request} request @param {Env} env @param {ExecutionContext} context */
  fetch(request, env, context) {
    const mood = request.headers.get("test-mood") ?? "";
    const ask = () => gateway.fetch(request, environment(env, mood), context);
    return mood === "hang" ? asDeployed(ask) : ask();
  },
};
