// The Worker's main module: workerd calls the `fetch` of the Wasm itself.
//
// A panic or a trap ends only the Wasm instance: the guard that wasm-bindgen puts around each call makes a new one for
// the next call (`--force-enable-abort-handler`; `worker` asks for it when it starts; `build-worker.mjs` puts the guard
// first in closures too). So no wrapper is needed here. The entry that the tool worker-build generates puts two Proxies
// and an async function around every request, which costs 7 % of a forwarded GET and a fifth of a rejection.

import { fetch } from "corsgate-wasm";

export { Limiter } from "./limits/limiter.js";
export { Store } from "./store/store.js";
export default { fetch };
