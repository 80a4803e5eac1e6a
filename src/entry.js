// The Worker's main module: workerd calls the `fetch` of the Wasm itself.
//
// A panic or a trap ends only the Wasm instance: the guard that wasm-bindgen puts around each call makes a new one for
// the call that follows (`--force-enable-abort-handler`; `worker` asks for it when it starts; `build-worker.mjs` puts
// the guard first in closures too). So nothing stands in between. The entry that the tool worker-build generates puts
// two Proxies and an async function around every request: 7 % of a forwarded GET, a fifth of a refusal.

import { fetch } from "corsgate-wasm";

export { Limiter } from "./limits/limiter.js";
export { Store } from "./store/store.js";
export default { fetch };
