// Runs in workerd, in front of the Worker: replaces the object by which the status tests the limiter, and behaves as a
// request says. The object that counts attempts to sign in is the Worker's own.

import gateway from "./index.js";

const MOODS = {
  throw: () => {
    throw new Error("no object\ntoday");
  },
  reject: () => ({ take: () => Promise.reject(new Error("no answer\ntoday")) }),
  hang: () => ({ take: () => new Promise(() => {}) }),
  overloaded: () => ({ take: () => Promise.reject(Object.assign(new Error("too many"), { overloaded: true })) }),
  word: () => ({ take: async () => "admitted" }),
};

/** The environment, with that one object in a mood; `unbound`: the binding is gone once someone has signed in. */
function environment(env, mood) {
  const LIMITER = {
    getByName: (name) => (name === "status" && MOODS[mood] ? MOODS[mood]() : env.LIMITER.getByName(name)),
  };
  if (mood !== "unbound") return { ...env, LIMITER };
  let taken = false;
  const once = {
    getByName(name) {
      const object = env.LIMITER.getByName(name);
      return {
        async take(rates) {
          const answer = await object.take(rates);
          taken = true;
          return answer;
        },
        giveBack: (...given) => object.giveBack(...given),
      };
    },
  };
  return Object.defineProperty({ ...env }, "LIMITER", { enumerable: true, get: () => (taken ? undefined : once) });
}

export default {
  fetch: (request, env, context) => gateway.fetch(request, environment(env, request.headers.get("test-mood")), context),
};
