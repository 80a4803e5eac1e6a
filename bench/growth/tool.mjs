// The operator's tool with policies of many routes.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inTurns } from "../start.mjs";
import { policyText } from "./policies.mjs";

const ROUTES = [10, 100, 1_000, 10_000];
const TURNS = 5;

/**
 * @typedef {object} ToolFigure
 * @property {string} name of the call
 * @property {number} count of routes
 * @property {number} milliseconds
 */

/**
 * @param {string} tool
 * @returns {ToolFigure[]}
 */
export function measureTool(tool) {
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-growth-"));
  try {
    const calls = ROUTES.flatMap((count) => {
      const file = path.join(folder, `${count}.toml`);
      const backwards = path.join(folder, `${count}-backwards.toml`);
      writeFileSync(file, policyText(count, "path"));
      writeFileSync(backwards, policyText(count, "path", true));
      /** @type {[string, string[]][]} */
      const args = [
        ["corsgate check", ["check", file]],
        ["corsgate compile", ["compile", file]],
        ["corsgate diff, the routes in reverse order", ["diff", file, backwards]],
      ];
      return args.map(([name, args]) => ({ name, count, call: /** @type {const} */ ([tool, args]) }));
    });
    const times = inTurns(
      calls.map(({ call: [tool, args] }) => [tool, args]),
      TURNS,
    );
    return calls.map(({ name, count }, at) => ({ name, count, milliseconds: times[at] }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
