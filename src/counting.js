// Asks the objects that count (`limiter.js`). Nothing is decided here: what they say goes on as text.

/**
 * Counts a request at each of its limits, all at once.
 *
 * @param {object} env holds the binding `LIMITER`
 * @param {string} plan name of the object, quota and window for each limit, a line each
 * @param {number} deadline milliseconds after which a limit that has not answered has failed
 * @returns {Promise<string>} never rejected; a line for each limit: `admitted` or `denied` with arrival time and time,
 *   `overloaded`, or `failed` with what is wrong
 */
export function count(env, plan, deadline) {
  const limits = limitsOf(plan);
  const answers = limits.map(() => `failed no answer within ${deadline} ms`);
  let open = limits.length;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(answers.join("\n")), deadline);
    const settle = (at, answer) => {
      answers[at] = answer;
      open -= 1;
      if (open > 0) return;
      clearTimeout(timer);
      resolve(answers.join("\n"));
    };
    for (const [at, { name, quota, window }] of limits.entries()) {
      try {
        const answer = env.LIMITER.getByName(name).take(quota, window);
        answer.then(
          (answer) => settle(at, answer),
          (error) => settle(at, failure(error)),
        );
      } catch (error) {
        settle(at, failure(error));
      }
    }
  });
}

/**
 * Takes back what `count` has counted, behind the answer. Where that fails the client has one request less.
 *
 * @param {object} env
 * @param {string} plan as for `count`
 * @returns {Promise<void>} never rejected
 */
export async function giveBack(env, plan) {
  const given = limitsOf(plan).map(async ({ name, quota, window }) => {
    await env.LIMITER.getByName(name).giveBack(quota, window);
  });
  await Promise.allSettled(given);
}

function limitsOf(plan) {
  const lines = plan.split("\n");
  const limits = [];
  for (let at = 0; at + 2 < lines.length; at += 3) {
    limits.push({ name: lines[at], quota: Number(lines[at + 1]), window: Number(lines[at + 2]) });
  }
  return limits;
}

/** An object with more requests than it can serve says so (Cloudflare, "Error handling" of Durable Objects). */
function failure(error) {
  return error?.overloaded === true ? "overloaded" : `failed ${String(error).replaceAll("\n", " ")}`;
}
