// How many instructions the scenes of `bench/decide` take, counted by callgrind, and the budgets that hold them: the
// table in docs/performance.md. Times differ between machines and from minute to minute; these counts do not.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { systemProgram } from "./debian.mjs";
import { instructionTable } from "./figures.mjs";
import { replaceTable, tableRows } from "./performance-page.mjs";
import { quietly, say } from "./progress.mjs";
import { cargoTarget, root } from "./project.mjs";

const MANIFEST = path.join(root, "bench", "decide", "Cargo.toml");
const PROGRAM = path.join(cargoTarget, "release", "corsgate-scenes");
const PAGE = path.join(root, "docs", "performance.md");
const RENEW = "`SNAPSHOTS=overwrite npm test -- instructions` writes the counts as they are into docs/performance.md";

/** The function whose calls are counted, one for each scene. */
const COUNTED = "corsgate_scene";

/** How far over its budget a scene may be, for another C library. */
const HEADROOM = 1.05;
/** The same where the budgets are those of another compiler, which inlines other functions. */
const HEADROOM_OF_OTHER_COMPILER = 1.25;

/**
 * @typedef {object} SceneCount
 * @property {string} scene
 * @property {number} instructions of one decision, or of reading one origin or route
 */

/** Fails if a scene takes more instructions than its budget. With `SNAPSHOTS=overwrite`, it writes the budgets. */
export async function checkInstructions() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    say(`NOT CHECKED: the budgets are of Linux on x86-64, and this is ${process.platform} on ${process.arch}.`);
    return;
  }
  const compiler = await compilerVersion();
  const counts = await countInstructions(await valgrind());
  const table = instructionTable(compiler, counts);
  if (process.env.SNAPSHOTS === "overwrite") writeFileSync(PAGE, replaceTable(PAGE, "instructions", table));
  say(table);
  const [head, ...rows] = tableRows(PAGE, "instructions");
  const known = head.join(" ").includes(compiler);
  if (!known) say(`These counts are of ${compiler}; the budgets are not, so they are taken a quarter higher.`);
  const budgets = new Map(rows.map(([scene, count]) => [scene, Number(count.replaceAll(",", ""))]));
  const problems = counts.flatMap((count) => overBudget(count, budgets, known ? HEADROOM : HEADROOM_OF_OTHER_COMPILER));
  const gone = [...budgets.keys()].filter((name) => !counts.some(({ scene }) => scene === name));
  problems.push(...gone.map((name) => `there is no scene "${name}"`));
  if (problems.length === 0) return;
  throw new Failure(
    `${problems.join("\n")}\nFind out why with \`callgrind_annotate\`, or \`git bisect\`. If it is worth its cost, ${RENEW}.`,
  );
}

/** @param {SceneCount} count @param {Map<string, number>} budgets @param {number} headroom */
function overBudget({ scene, instructions }, budgets, headroom) {
  const budget = budgets.get(scene);
  if (budget === undefined) return [`"${scene}" has no budget`];
  if (instructions <= budget * headroom) return [];
  const more = ((instructions / budget - 1) * 100).toFixed(1);
  return [`"${scene}" takes ${instructions} instructions, ${more} % more than its budget of ${budget}`];
}

/** @param {string} program @returns {Promise<SceneCount[]>} */
async function countInstructions(program) {
  const build = ["build", "--release", "--locked", "--no-default-features", "--bin=corsgate-scenes"];
  const what = "building what callgrind runs (half a minute the first time)";
  await quietly(what, "cargo", [...build, `--manifest-path=${MANIFEST}`, `--target-dir=${cargoTarget}`]);
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-instructions-"));
  try {
    const output = path.join(folder, "counts");
    const callgrind = ["--tool=callgrind", "--collect-atstart=no", `--callgrind-out-file=${output}`];
    const scenes = [`--toggle-collect=${COUNTED}`, `--dump-after=${COUNTED}`, PROGRAM];
    const { code, stdout, stderr } = await capture(program, [...callgrind, ...scenes]);
    if (code !== 0) throw new Failure(`${stderr}\ncallgrind ended with ${code}`);
    const lines = stdout.trim().split("\n");
    return lines.map((line, at) => {
      const { scene, times } = JSON.parse(line);
      const [, total] = readFileSync(`${output}.${at + 1}`, "utf8").match(/^totals: (\d+)$/m) ?? [];
      if (!(Number(total) > 0)) throw new Failure(`callgrind has counted nothing for "${scene}"`);
      return { scene, instructions: Math.round(Number(total) / times) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function valgrind() {
  const found = await systemProgram({ places: ["valgrind"], version: ["--version"], packageName: "valgrind" });
  if (found) return found;
  throw new Failure(
    "valgrind is missing, and only root can install it: `apt-get install valgrind`, or your system's package, then run this again.",
  );
}

/** Such as `rustc 1.95.0`. */
async function compilerVersion() {
  const { code, stdout, stderr } = await capture("rustc", ["--version"]);
  const [version] = stdout.match(/^rustc [\d.]+/) ?? [];
  if (code !== 0 || version === undefined) throw new Failure(`rustc does not say its version: ${stdout}${stderr}`);
  return version;
}
