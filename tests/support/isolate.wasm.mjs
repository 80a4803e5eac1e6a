// In place of the Wasm for `isolate.worker.mjs`: what the store's side of an isolate asks of it is to write to the log.

export const wake = () => {};

/** @type {typeof import("corsgate-wasm").store_failed} */
export function store_failed(_context, decisions, error) {
  console.warn(JSON.stringify({ event: "store_failed", decisions, error }));
}
