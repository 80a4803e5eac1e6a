// The panics of `planted_panic.rs` that come a moment later. Only in the tests' own build of the Worker.

import { planted_panic } from "corsgate-wasm";

const MOMENT = 50;

export function panicLater() {
  return new Promise((resolve) => setTimeout(resolve, MOMENT)).then(planted_panic);
}

export function panicBehind(context) {
  context.waitUntil(panicLater());
}
