// Asks the objects that count (`limiter.js`). Nothing is decided here: what they say goes on as text.

/**
 * Counts a request at each object, all at once.
 *
 * @param {object} env holds the binding `LIMITER`
 * @param {string} plan for each object a line with its name, and one with quota and window of each of its limits
 * @param {number} deadline milliseconds after which an object that has not answered has failed
 * @returns {Promise<string>} never rejected; a line for each object: its answer, `overloaded`, or `failed` with what is
 *   wrong
 */
export function count(env, plan, deadline) {
  const objects = objectsOf(plan);
  const answers = objects.map(() => `failed no answer within ${deadline} ms`);
  let open = objects.length;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(answers.join("\n")), deadline);
    const settle = (at, answer) => {
      answers[at] = answer;
      open -= 1;
      if (open > 0) return;
      clearTimeout(timer);
      resolve(answers.join("\n"));
    };
    for (const [at, { name, rates }] of objects.entries()) {
      try {
        const answer = env.LIMITER.getByName(name).take(rates);
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
 * @param {string} answers of these objects, as `count` gave them
 * @returns {Promise<void>} never rejected
 */
export async function giveBack(env, plan, answers) {
  const lines = answers.split("\n");
  const given = objectsOf(plan).map(async ({ name, rates }, at) => {
    await env.LIMITER.getByName(name).giveBack(rates, Number.parseInt(lines[at]));
  });
  await Promise.allSettled(given);
}

function objectsOf(plan) {
  const lines = plan.split("\n");
  const objects = [];
  for (let at = 0; at + 1 < lines.length; at += 2) objects.push({ name: lines[at], rates: ratesOf(lines[at + 1]) });
  return objects;
}

function ratesOf(line) {
  const numbers = line.split(" ").map(Number);
  const rates = [];
  for (let at = 0; at + 1 < numbers.length; at += 2) rates.push({ quota: numbers[at], window: numbers[at + 1] });
  return rates;
}

/** An object with more requests than it can serve says so (Cloudflare, "Error handling" of Durable Objects). */
function failure(error) {
  return error?.overloaded === true ? "overloaded" : `failed ${String(error).replaceAll("\n", " ")}`;
}
