// The module that serves requests, for what the admin host asks of it. `deferred.js`, which belongs to that module, gives
// it with each request for the admin host.

/** @type {import("./deferred.js").Serving} the same for all requests of an isolate */
export let serving;

/** @param {import("./deferred.js").Serving} given */
export function setServing(given) {
  serving = given;
}
