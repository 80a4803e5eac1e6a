// Which package manager runs this, and how to start it.
"use strict";

const KNOWN = ["npm", "pnpm", "yarn", "bun"];

/**
 * @typedef {object} Manager
 * @property {string} name
 * @property {string} program
 * @property {string[]} args
 * @property {boolean} shell whether only a shell can start the program: on Windows it is a batch file
 */

/**
 * Managers say in variables what they are, and npm also where.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} platform as in `process.platform`
 * @param {string} node the path of Node.js
 * @returns {Manager}
 */
function managerOf(env, platform, node) {
  const [, agent = "npm"] = /^(\w+)\//.exec(env.npm_config_user_agent ?? "") ?? [];
  const name = KNOWN.includes(agent) ? agent : "npm";
  const script = env.npm_execpath ?? "";
  // The script itself needs no shell, which would read the arguments once more.
  if (/\.c?js$/.test(script)) return { name, program: node, args: [scriptOf(script), "install"], shell: false };
  return { name, program: name, args: ["install"], shell: platform === "win32" };
}

/** npm's `npx` is a script beside it, which would look for a package `install`. @param {string} script */
const scriptOf = (script) => script.replace(/npx-cli(\.c?js)$/, "npm-cli$1");

module.exports = { managerOf };
