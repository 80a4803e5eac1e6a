// The workflows of CI, audited by zizmor: what others could make them do.

import path from "node:path";
import { show } from "./child.mjs";
import { Failure } from "./command.mjs";
import { root } from "./project.mjs";
import { python } from "./python.mjs";

/** Fails where zizmor finds something, however small. It asks no network: what it says depends on the files alone. */
export async function auditWorkflows() {
  const { program } = await python({
    requirements: path.join(root, ".github", "requirements.txt"),
    about: "zizmor (10 MB, once)",
  });
  // The package is a program and no module: it stands beside the interpreter.
  const zizmor = path.join(path.dirname(program), "zizmor");
  const code = await show(zizmor, ["--offline", "--pedantic", "--no-progress", "--quiet", root]);
  if (code !== 0) throw new Failure("lint: zizmor failed", code);
}
