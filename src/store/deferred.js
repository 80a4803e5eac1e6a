// The module of the store: what the object does, and how isolates send to it. An isolate loads it for the object, or with the
// first record for the store.

export { flush, note } from "./batch.js";
export { Records } from "./records.js";
