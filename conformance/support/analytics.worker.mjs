// Bound to the gateway as `SQL`: replaces Cloudflare's binding of Analytics SQL, in front of the local ClickHouse.

import { WorkerEntrypoint } from "cloudflare:workers";

/** @extends {WorkerEntrypoint<{ CLICKHOUSE: string }>} */
export class Analytics extends WorkerEntrypoint {
  /** @param {{ query: string, params?: unknown[] | Record<string, unknown> }} asked */
  async query(asked) {
    const answer = await fetch(this.env.CLICKHOUSE, { method: "POST", body: JSON.stringify(asked) });
    if (answer.ok) return answer.json();
    throw Object.assign(new Error(await answer.text()), { retryable: false });
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };
