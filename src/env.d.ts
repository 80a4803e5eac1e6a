// What the platform hands the Worker: the bindings of wrangler.toml, and what operators set (docs/admin.md, docs/store.md).

/**
 * `POLICY` and `LIMITER` are always meant to be there. Where one is missing, using it throws, which is handled like any
 * failure of KV or of an object that counts.
 */
interface Env {
  POLICY: KVNamespace;
  LIMITER: DurableObjectNamespace<import("./limits/limiter.js").Limiter>;
  STORE?: DurableObjectNamespace<import("./store/store.js").Store>;
  DECISIONS?: Decisions;
  /** The scripts and styles of the console. */
  ASSETS?: Fetcher;
  /** Analytics SQL, in place of its HTTP API. */
  SQL?: AnalyticsSql;

  ANALYTICS?: string;
  ANALYTICS_DATASET?: string;
  ANALYTICS_URL?: string;
  ANALYTICS_TOKEN?: string;
  ACCOUNT_ID?: string;

  ADMIN_HOST?: string;
  ADMIN_TOKEN?: string;
  ACCESS_TEAM_DOMAIN?: string;
  ACCESS_AUDIENCE?: string;
}

/** Analytics Engine answers nothing; a Worker that is bound in its place answers a promise. */
interface Decisions {
  writeDataPoint(point: AnalyticsEngineDataPoint): void | Promise<void>;
}

interface AnalyticsSql {
  query(statement: { query: string; params: unknown[] }): Promise<{ data: Record<string, unknown>[] }>;
}
