// How JavaScript calls a Wasm module, and the functions that both modules have. `corsgate-wasm` is the module that this
// file is bundled with: what is shared between the two belongs to each by itself.
//
// A call to an instance that has panicked replaces it, but by then wasm-bindgen has copied the text arguments of that
// call into the old instance. So each of these functions first makes a call without arguments; callers need not know.

import * as wasm from "corsgate-wasm";

/**
 * A declaration, because the glue of the Wasm and the files that call it import each other: whichever is evaluated first
 * finds it.
 *
 * @template {unknown[]} A
 * @template R
 * @param {(...values: A) => R} call
 * @returns {(...values: A) => R}
 */
export function entered(call) {
  return (...values) => {
    wasm.wake();
    return call(...values);
  };
}

export const learn = entered(wasm.learn);
export const tellLeftOut = entered(wasm.tell_left_out);
