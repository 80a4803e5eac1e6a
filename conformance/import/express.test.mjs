// `corsgate import` asked about real Express: a program with many configurations of `cors` runs, its imported policy
// enforces beside it in the gateway, and both get the same requests. Wherever a page would see a difference, the report
// has named it; and nothing that the program refuses is allowed.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/lib/project.mjs";
import { portOf } from "../../tests/support/listening.mjs";
import { SEED } from "./compare.mjs";
import { configurations, program } from "./configurations.mjs";
import { testProgram } from "./program.mjs";

const all = configurations(SEED, 40);

testProgram("Express", {
  // Below the project, so that the program finds its packages.
  below: path.join(root, "target"),
  configurations: all,
  start: async (folder) => {
    const file = path.join(folder, "server.mjs");
    writeFileSync(file, program(all));
    /** @type {{ default: import("express").Application }} */
    const { default: app } = await import(pathToFileURL(file).href);
    /** @type {import("node:http").Server} */
    const server = await new Promise((resolve) => {
      const listening = app.listen(0, "127.0.0.1", () => resolve(listening));
    });
    return { files: [file], port: portOf(server), close: () => server.close() };
  },
  how: { requests: 40 },
});
