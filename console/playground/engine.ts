// Asks the Wasm in its worker. Of each kind of question only the newest waits; one that runs too long after it became
// stale is given up with its instance.

import type { Answer, Question } from "./answers.ts";

/** How long a stale question may hold up a newer one, in milliseconds. */
const PATIENCE = 1500;

/** Why a question got no answer. */
export class Unanswered extends Error {
  constructor(
    /** `stale`: a newer question took its place; `broken`: the Wasm failed; `unloaded`: it could not be loaded */
    readonly why: "stale" | "broken" | "unloaded",
    message: string,
  ) {
    super(message);
  }
}

interface Waiting {
  id: number;
  name: Question;
  about: string;
  input: string;
  resolve(answer: unknown): void;
  reject(error: Unanswered): void;
}

interface Told {
  id: number;
  answer?: string;
  broken?: string;
  unloaded?: string;
}

/** Where the worker is. Both `playground/main.js` and the chunks are one folder below the assets. */
const WORKER = "../playground/worker.js";

function startWorker(): Worker {
  const url = new URL(WORKER, import.meta.url).href;
  const { trustedTypes } = globalThis as unknown as {
    trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): unknown } };
  };
  // The only script URL that the page ever makes.
  policy ??= trustedTypes?.createPolicy("corsgate", {
    createScriptURL: (asked: string) => (asked === url ? asked : ""),
  });
  return new Worker((policy?.createScriptURL(url) ?? url) as string, { type: "module" });
}

let policy: { createScriptURL(url: string): unknown } | undefined;

/** The Wasm. */
export class Engine {
  #worker: Worker | undefined;
  #running: Waiting | undefined;
  #waiting: Waiting[] = [];
  #id = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;

  /** @param told whether a question is at work */
  constructor(private readonly told: (working: boolean) => void = () => {}) {}

  /** Asks. Of questions with the same name and `about`, only the newest is answered. */
  ask<Q extends Question>(name: Q, input: unknown, about = ""): Promise<Answer<Q>> {
    return new Promise((resolve, reject) => {
      const isSame = (one: Waiting) => one.name === name && one.about === about;
      const stale = this.#waiting.filter(isSame);
      this.#waiting = this.#waiting.filter((one) => !isSame(one));
      for (const one of stale) one.reject(new Unanswered("stale", "a newer question took its place"));
      this.#id += 1;
      const asked: Waiting = {
        id: this.#id,
        name,
        about,
        input: JSON.stringify(input ?? null),
        resolve: resolve as (answer: unknown) => void,
        reject,
      };
      this.#waiting.push(asked);
      if (this.#running !== undefined && isSame(this.#running)) this.#losePatience();
      this.#next();
    });
  }

  /** Ends the worker. */
  close() {
    this.#restart();
    this.#waiting = [];
  }

  #losePatience() {
    this.#patience ??= setTimeout(() => {
      this.#running?.reject(new Unanswered("stale", "a newer question took its place"));
      this.#restart();
      this.#next();
    }, PATIENCE);
  }

  #restart() {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#running = undefined;
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  #next() {
    if (this.#running !== undefined) return;
    const asked = this.#waiting.shift();
    this.told(asked !== undefined);
    if (asked === undefined) return;
    this.#running = asked;
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id: asked.id, name: asked.name, input: asked.input });
  }

  #start(): Worker {
    const worker = startWorker();
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if (worker === this.#worker && data.id === this.#running?.id) this.#answered(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#failed("unloaded", event.message || "the worker could not be loaded");
    };
    return worker;
  }

  #answered({ answer, broken, unloaded }: Told) {
    const running = this.#running;
    if (running === undefined) return;
    if (answer === undefined) return this.#failed(broken ? "broken" : "unloaded", broken ?? unloaded ?? "");
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#running = undefined;
    running.resolve(JSON.parse(answer));
    this.#next();
  }

  #failed(why: "broken" | "unloaded", message: string) {
    this.#running?.reject(new Unanswered(why, message));
    this.#restart();
    this.#next();
  }
}
