// Runs in workerd, before the Worker: puts its clock ahead by the minutes that a request names, from then on.

import gateway from "./index.js";

const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;

export default {
  fetch(request, env, context) {
    const minutes = request.headers.get("test-minutes-ahead");
    if (minutes !== null) ahead = Number(minutes) * 60_000;
    return gateway.fetch(request, env, context);
  },
};
