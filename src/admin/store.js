// Records in the gateway's own store (`../store/`).

import { unset } from "./not-configured.js";
import { serving } from "./serving.js";

/** @param {Env} env @returns {import("./back-end.js").BackEnd} */
export function storeBackEnd(env) {
  const { STORE } = env;
  if (STORE === undefined) throw unset("Bind the Durable Object class `Store` as `STORE`.");
  return {
    dialect: "embedded",
    source: "embedded",
    dataset: "",
    async run(statements) {
      // The report must include what this isolate has just rejected.
      await serving.flush(env);
      return STORE.getByName("store").query(statements);
    },
  };
}
