// Runs in workerd, in front of the Worker: adds to each request the facts that Cloudflare adds, and gives it its own
// second, so that the log leaves out no line.

import gateway from "./index.js";

const SECOND = 1000;

const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;

export default {
  /** @param {Request} request @param {Env} env @param {ExecutionContext} context */
  fetch(request, env, context) {
    ahead += SECOND;
    return gateway.fetch(new Request(request, { cf: { country: "DE", colo: "FRA" } }), env, context);
  },
};
