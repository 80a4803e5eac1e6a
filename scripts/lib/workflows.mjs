// Audits the CI workflows with zizmor: whether others could abuse them.

import path from "node:path";
import { show } from "./child.mjs";
import { Failure } from "./command.mjs";
import { root } from "./project.mjs";
import { python } from "./python.mjs";

/** Fails on any finding of zizmor, however small. It runs offline, so the result depends on the files alone. */
export async function auditWorkflows() {
  const { program } = await python({
    requirements: path.join(root, ".github", "requirements.txt"),
    about: "zizmor (10 MB, once)",
  });
  // The package is an executable, not a module: it is in the folder of the interpreter.
  const zizmor = path.join(path.dirname(program), "zizmor");
  const code = await show(zizmor, ["--offline", "--pedantic", "--no-progress", "--quiet", root]);
  if (code !== 0) throw new Failure("lint: zizmor failed", code);
}
