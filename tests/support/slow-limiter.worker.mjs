// Runs in workerd, before the Worker: the objects that count serve one call at a time, each in the milliseconds that
// `Test-Serve` names. A call that is counted is served when all before it have been, as an object that is asked faster
// than it can answer does it.

import gateway, { Limiter } from "./index.js";

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let asked = 0;

Limiter.prototype.takeInTurn = function (rates, milliseconds) {
  this.turn = (this.turn ?? Promise.resolve()).then(() => sleep(milliseconds));
  return this.turn.then(() => this.take(rates));
};

export default {
  fetch(request, env, context) {
    if (request.headers.has("test-asked")) return Response.json(asked);
    const serve = Number(request.headers.get("test-serve"));
    const getByName = (name) => {
      const object = env.LIMITER.getByName(name);
      const take = (rates) => {
        asked += 1;
        return object.takeInTurn(rates, serve);
      };
      return { take, giveBack: (...given) => object.giveBack(...given) };
    };
    return gateway.fetch(request, { ...env, LIMITER: { getByName } }, context);
  },
};
