// Runs in workerd, in front of the Worker: moves its clock ahead for good, by the minutes that a request names.

import gateway from "./index.js";

const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;

export default {
  /** @param {Request} request @param {Env} env @param {ExecutionContext} context */
  fetch(request, env, context) {
    const minutes = request.headers.get("test-minutes-ahead");
    if (minutes !== null) ahead = Number(minutes) * 60_000;
    return gateway.fetch(request, env, context);
  },
};
