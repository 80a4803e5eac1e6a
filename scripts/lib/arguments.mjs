// Parses the arguments of a command and reports an error in one sentence.

import { parseArgs } from "node:util";
import { UsageError } from "./command.mjs";
import { messageOf } from "./thrown.mjs";

/**
 * Node's `parseArgs`, for a command.
 *
 * @template {import("node:util").ParseArgsConfig} Config
 * @param {string} help what lists the options, as in `npm run serve -- --help`
 * @param {Config} config
 * @returns {ReturnType<typeof parseArgs<Config>>}
 */
export function parseArguments(help, config) {
  try {
    return parseArgs(config);
  } catch (error) {
    // Node's first sentence says what is wrong; the others advise on positional arguments as a shell's user would type them.
    throw new UsageError(`${messageOf(error).split(/\.\s/)[0]}; \`${help}\` lists the options`);
  }
}
