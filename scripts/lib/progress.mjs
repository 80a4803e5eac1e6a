// Progress messages for slow steps. They go to standard error, because standard output is for results.

import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";

const A_MOMENT = 1000;

/**
 * Says one line.
 *
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * Runs a program whose output matters only if it fails; what it does is named once it has taken longer than a moment.
 *
 * @param {string} what the step, as in "building the Worker (about a minute the first time)"
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export async function quietly(what, program, args, options) {
  const announcement = setTimeout(() => say(`${what} …`), A_MOMENT);
  const { code, stdout, stderr } = await capture(program, args, options);
  clearTimeout(announcement);
  if (code === 0) return;
  throw new Failure(`${stdout}${stderr}\n${what} failed: \`${program} ${args.join(" ")}\` ended with ${code}`);
}
