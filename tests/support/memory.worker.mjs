// Runs in workerd, in front of the Worker: reports how many JavaScript values and how much memory the Wasm holds.

let wasm;
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    wasm = this.exports;
  }
};
const { default: gateway } = await import("./index.js");

export default {
  fetch(request, env, context) {
    if (!request.headers.has("test-memory")) return gateway.fetch(request, env, context);
    const values = wasm.__wbindgen_externrefs.length;
    return Response.json({ values, bytes: wasm.memory.buffer.byteLength });
  },
};
