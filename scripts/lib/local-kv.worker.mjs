// The KV namespace of a local workerd, for the process that started it (`local-kv.mjs`). It is on a port of this machine, so
// it answers only who knows the token of this start: pages in a browser can send requests to that port as well.

/**
 * @typedef {{ POLICY: KVNamespace, TOKEN: string }} Env
 */

export default {
  /** @param {Request} request @param {Env} env */
  async fetch(request, { POLICY, TOKEN }) {
    if (request.headers.get("authorization") !== TOKEN) return new Response(null, { status: 403 });
    const query = new URL(request.url).searchParams;
    const key = query.get("key") ?? "";
    const options = JSON.parse(query.get("options") ?? "{}");
    try {
      switch (request.method) {
        case "PUT":
          await POLICY.put(key, await request.arrayBuffer(), options);
          return new Response(null, { status: 204 });
        case "DELETE":
          await POLICY.delete(key);
          return new Response(null, { status: 204 });
        case "GET": {
          const value = await POLICY.get(key, "arrayBuffer");
          return new Response(value, { status: value === null ? 404 : 200 });
        }
        default:
          return Response.json(await POLICY.list(options));
      }
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
