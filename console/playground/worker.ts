// Runs the Wasm beside the page, so that a policy of ten thousand routes does not hold up a keystroke. A question is
// `{ id, name, input }`, an answer `{ id, answer }`, or `{ id, broken }` after which this instance answers no more.

import start, { ask } from "corsgate-playground-wasm";

interface Asked {
  id: number;
  name: string;
  input: string;
}

const scope = self as unknown as {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent<Asked>) => void) | null;
};

const started = fetch(new URL("./playground_bg.wasm", import.meta.url)).then((response) => {
  if (!response.ok) throw new Error(`the Wasm could not be loaded: the server responded with ${response.status}`);
  return start({ module_or_path: response });
});
// Each question has this failure for its answer.
started.catch(() => {});

scope.onmessage = async ({ data: { id, name, input } }) => {
  try {
    await started;
  } catch (error) {
    scope.postMessage({ id, unloaded: String(error instanceof Error ? error.message : error) });
    return;
  }
  try {
    scope.postMessage({ id, answer: ask(name, input) });
  } catch (error) {
    // A panic, a full stack, or no memory: the state of the instance can no longer be trusted.
    scope.postMessage({ id, broken: String(error instanceof Error ? error.message : error) });
  }
};
