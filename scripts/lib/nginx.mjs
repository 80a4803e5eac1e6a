// nginx, which only the conformance tests need.

import { Failure } from "./command.mjs";
import { systemProgram } from "./debian.mjs";

/**
 * The program, which is installed first if it is missing. On Debian it is often only on an administrator's PATH.
 *
 * @returns {Promise<string>}
 */
export async function nginx() {
  const found = await systemProgram({
    places: ["nginx", "/usr/sbin/nginx"],
    version: ["-v"],
    packageName: "nginx-light",
  });
  if (found) return found;
  throw new Failure(
    "nginx is missing: install it (`apt-get install nginx-light`, `brew install nginx`), then run this again.",
  );
}
