import { DurableObject } from "cloudflare:workers";

/** The bindings and variables of the gateway. `wrangler.toml` in the package's README has the bindings. */
export interface Env {
  /** The policy and its lists. */
  POLICY: KVNamespace;
  /** What counts for rate limits. */
  LIMITER: DurableObjectNamespace<Limiter>;
  /** What keeps records where `ANALYTICS` is `embedded`. */
  STORE?: DurableObjectNamespace<Store>;
  /** What gets a data point for each decision. */
  DECISIONS?: AnalyticsEngineDataset;
  /** The console's scripts and styles. */
  ASSETS?: Fetcher;
}

/** Counts the requests of one key. Only the gateway calls it. */
export class Limiter extends DurableObject {
  private readonly corsgate: "Limiter";
}

/** Keeps records for a bounded time. Only the gateway calls it. */
export class Store extends DurableObject {
  private readonly corsgate: "Store";
}

declare const gateway: {
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response>;
};
export default gateway;
