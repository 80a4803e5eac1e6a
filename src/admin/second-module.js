// The second Wasm module. An isolate instantiates it when it first needs it. A panic or a trap in it ends its own instance
// and no request.

/** @returns {Promise<typeof import("./second.js")>} */
export const secondModule = () => import("./second.js");
