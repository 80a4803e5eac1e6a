// Runs in workerd, in front of the Worker: reports how many JavaScript values and how much memory the Wasm holds.

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
const { default: gateway } = await import("./index.js");

export default {
  /** @param {Request} request @param {Env} env @param {ExecutionContext} context */
  fetch(request, env, context) {
    if (!request.headers.has("test-memory")) return gateway.fetch(request, env, context);
    const values = wasm.__wbindgen_externrefs.length;
    return Response.json({ values, bytes: wasm.memory.buffer.byteLength });
  },
};
