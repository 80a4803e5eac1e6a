// Starts a Worker in a new isolate for each request, and gives the answer that the Worker gives.

import { WorkerEntrypoint } from "cloudflare:workers";
import { SUBJECTS } from "subjects.js";

/** The namespace of a subject. A Worker that is loaded takes no binding to KV, but the stub of an entry point. */
export class Policy extends WorkerEntrypoint {
  /** @param {string} key @param {object} options @returns {Promise<string | ArrayBuffer | null>} */
  get(key, options) {
    return this.env[this.ctx.props.namespace].get(key, options);
  }
}

export default {
  /**
   * @param {Request} request whose header `subject` names the Worker
   * @param {{ LOADER: WorkerLoader, COMPATIBILITY_DATE: string }} env
   * @param {{ exports: { Policy: (options: object) => unknown } }} context
   */
  async fetch(request, env, context) {
    const { mainModule, modules, kv } = SUBJECTS[request.headers.get("subject") ?? ""];
    const stub = env.LOADER.load({
      compatibilityDate: env.COMPATIBILITY_DATE,
      mainModule,
      modules,
      env: { POLICY: context.exports.Policy({ props: { namespace: kv } }) },
    });
    return stub.getEntrypoint().fetch(request);
  },
};
