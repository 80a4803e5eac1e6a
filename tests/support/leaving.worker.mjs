// Runs in workerd, in front of the Worker: reports what the Wasm holds, moves the clock ahead by the minutes that a
// request names, delays the counting objects by the milliseconds that it names, and uses up the quota of one, as another
// isolate would.

/** @type {{ __wbindgen_externrefs: WebAssembly.Table, memory: WebAssembly.Memory }} */
let wasm;
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  /** @param {ConstructorParameters<typeof Instance>} args */
  constructor(...args) {
    super(...args);
    wasm = /** @type {typeof wasm} */ (this.exports);
  }
};
const { default: gateway, Limiter } = await import("./index.js");

const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;

let slow = 0;
/** The number of calls to counting objects so far, and of those that are answered. */
let asked = 0;
let answered = 0;
/** The number of JavaScript values that the Wasm holds. wasm-bindgen sets a slot that it frees to null. */
function heldValues() {
  const table = wasm.__wbindgen_externrefs;
  let held = 0;
  for (let slot = 0; slot < table.length; slot += 1) if (table.get(slot) != null) held += 1;
  return held;
}
/** The rates of each object that was asked, by its name. */
/** @typedef {import("../../src/wire/counts.js").Rate} Rate */

/** @type {Map<string, Rate[]>} */
const rates = new Map();
/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @typedef {{ takeSlowly: (rates: Rate[], milliseconds: number) => Promise<string> }} Slow */
/** @typedef {InstanceType<typeof Limiter> & Slow} Slowed */

/** @type {Slowed} */ (Limiter.prototype).takeSlowly = async function (rates, milliseconds) {
  await sleep(milliseconds);
  return this.take(rates);
};

/** @param {DurableObjectNamespace<Slowed>} LIMITER */
function slowLimiter(LIMITER) {
  /** @param {string} name */
  const getByName = (name) => {
    const object = LIMITER.getByName(name);
    return {
      // Without what the isolate wants to borrow: nothing is lent, so that each request waits.
      /** @param {Rate[]} own */
      take: (own) => {
        asked += 1;
        rates.set(name, own);
        const answer = slow > 0 ? object.takeSlowly(own, slow) : object.take(own);
        return answer.finally(() => (answered += 1));
      },
      /** @param {Parameters<Slowed["giveBack"]>} rates */
      giveBack: (...rates) => object.giveBack(...rates),
    };
  };
  return { getByName };
}

export default {
  /**
   * @param {Request} request
   * @param {{ LIMITER: DurableObjectNamespace<Slowed> }} env
   * @param {ExecutionContext} context
   */
  async fetch(request, env, context) {
    const { headers } = request;
    if (headers.has("test-held")) {
      return Response.json({ values: heldValues(), bytes: wasm.memory.buffer.byteLength, asked, answered });
    }
    const usedUp = headers.get("test-use-up");
    if (usedUp !== null) {
      const used = [...rates].findLast(([name]) => name.startsWith(usedUp));
      if (used === undefined) throw new Error(`no object ${usedUp}… was asked`);
      const [name, own] = used;
      let answer;
      do answer = await env.LIMITER.getByName(name).take(own);
      while (!answer.includes("-"));
      return new Response();
    }
    if (headers.has("test-minutes-ahead")) ahead = Number(headers.get("test-minutes-ahead")) * 60_000;
    if (headers.has("test-slow")) slow = Number(headers.get("test-slow"));
    return gateway.fetch(request, { ...env, LIMITER: slowLimiter(env.LIMITER) }, context);
  },
};
