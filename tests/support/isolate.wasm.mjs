// Replaces the Wasm for `isolate.worker.mjs`: the isolate's side of the store only writes to the log through it.

export const wake = () => {};

/** @type {typeof import("corsgate-wasm").store_failed} */
export function store_failed(_context, decisions, error) {
  console.warn(JSON.stringify({ event: "store_failed", decisions, error }));
}
