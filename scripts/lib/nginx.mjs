// nginx, which only the conformance tests need. It is the system's own, installed on Debian if it is missing.

import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { quietly } from "./progress.mjs";

/** On Debian it is often only on an administrator's PATH. */
const PLACES = ["nginx", "/usr/sbin/nginx"];

/**
 * The program, which is installed first if it is missing.
 *
 * @returns {Promise<string>}
 */
export async function nginx() {
  const first = await find();
  if (first) return first;
  if (process.getuid?.() === 0 && (await capture("apt-get", ["--version"])).code === 0) {
    await install();
    const second = await find();
    if (second) return second;
  }
  throw new Failure(
    "nginx is missing: install it (`apt-get install nginx-light`, `brew install nginx`), then run this again.",
  );
}

async function find() {
  for (const place of PLACES) if ((await capture(place, ["-v"])).code === 0) return place;
  return undefined;
}

async function install() {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "--yes", "--no-install-recommends", "nginx-light"];
  if ((await capture("apt-get", install, { env })).code === 0) return;
  await quietly("reading Debian's lists of packages", "apt-get", ["update"], { env });
  await quietly("installing nginx", "apt-get", install, { env });
}
