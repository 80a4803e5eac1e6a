// `corsgate import` asked about a real Envoy, as `express.test.mjs` does with Express.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { python } from "../../scripts/lib/python.mjs";
import { freePorts } from "../support/probing.mjs";
import { startBehind } from "./behind.mjs";
import { byPath, METHODS, SEED } from "./compare.mjs";
import { bootstrap, policies } from "./envoy.configurations.mjs";
import { testProgram } from "./program.mjs";
import { started } from "./servers.mjs";

const all = policies(SEED, 80);

/** Where the Python package has the program. */
async function envoy() {
  const { program, args } = await python();
  const where = "import envoy, os; print(os.path.join(os.path.dirname(envoy.__file__), '_bin', 'envoy'))";
  return spawnSync(program, [...args, "-c", where], { encoding: "utf8" }).stdout.trim();
}

testProgram("Envoy", {
  configurations: all,
  start: async (folder) => {
    const behind = await startBehind();
    const [port] = await freePorts(1);
    const file = path.join(folder, "envoy.json");
    writeFileSync(file, JSON.stringify(bootstrap(all, { port, upstream: behind.port }), null, 1));
    const options = ["--config-path", file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"];
    const end = await started(await envoy(), options, folder, port);
    const close = () => Promise.all([end(), behind.close()]);
    return { files: [file], port, upstream: behind.port, close };
  },
  asked: (compared) => [
    ...byPath(all, compared).map((asked, index) => ({
      ...asked,
      targets: [`/c${index}/x`, `/c${index}/x`, `/c${index}`],
    })),
    // What is beside the paths of the policies, and what the first route takes from one of them.
    {
      ...compared,
      configuration: "others",
      about: compared.findings,
      targets: [...all.keys()].map((index) => `/c${index}x`).concat("/", "/other", "/c0/private", "/c0/private/x"),
    },
  ],
  // Envoy's parser knows no QUERY.
  how: { requests: 16, methods: METHODS.filter((method) => method !== "QUERY"), least: 0.2 },
});
