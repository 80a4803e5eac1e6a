// Runs in workerd, in front of the Worker: reports what the Wasm holds, moves the clock ahead by the minutes that a
// request names, delays the objects that count by the milliseconds that it names, and uses one up as another isolate
// would.

let wasm;
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    wasm = this.exports;
  }
};
const { default: gateway, Limiter } = await import("./index.js");

const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;

let slow = 0;
/** Calls of objects that count, so far. */
let asked = 0;
/** The rates of each object that was asked, by its name. */
const rates = new Map();
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Limiter.prototype.takeSlowly = async function (rates, milliseconds) {
  await sleep(milliseconds);
  return this.take(rates);
};

function slowLimiter(LIMITER) {
  const getByName = (name) => {
    const object = LIMITER.getByName(name);
    return {
      take: (own) => {
        asked += 1;
        rates.set(name, own);
        return slow > 0 ? object.takeSlowly(own, slow) : object.take(own);
      },
      giveBack: (...rates) => object.giveBack(...rates),
    };
  };
  return { getByName };
}

export default {
  async fetch(request, env, context) {
    const { headers } = request;
    if (headers.has("test-held")) {
      return Response.json({ values: wasm.__wbindgen_externrefs.length, bytes: wasm.memory.buffer.byteLength, asked });
    }
    if (headers.has("test-use-up")) {
      const name = [...rates.keys()].findLast((name) => name.startsWith(headers.get("test-use-up")));
      let answer;
      do answer = await env.LIMITER.getByName(name).take(rates.get(name));
      while (!answer.includes("-"));
      return new Response();
    }
    if (headers.has("test-minutes-ahead")) ahead = Number(headers.get("test-minutes-ahead")) * 60_000;
    if (headers.has("test-slow")) slow = Number(headers.get("test-slow"));
    return gateway.fetch(request, { ...env, LIMITER: slowLimiter(env.LIMITER) }, context);
  },
};
