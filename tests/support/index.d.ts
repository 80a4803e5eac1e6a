// The built Worker as its wrappers see it, each `*.worker.mjs` of this folder: they import it as `./index.js`.

import { Limiter as OwnLimiter } from "../../src/limits/limiter.js";
import { Store as OwnStore } from "../../src/store/store.js";

export class Limiter extends OwnLimiter {
  ctx: DurableObjectState;
}

export class Store extends OwnStore {
  ctx: DurableObjectState;
}

/** A wrapper gives it requests, bindings and contexts of its own. */
declare const gateway: { fetch(request: Request, env: object, context: object): Response | Promise<Response> };
export default gateway;
