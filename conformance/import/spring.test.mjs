// `corsgate import` asked about real Spring, as `express.test.mjs` does with Express: Debian's Spring MVC in Tomcat, which is
// version 4.3. The import follows 5.3 and newer; `spring.configurations.mjs` says what it leaves out for that.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { withGateway } from "../../tests/support/gateway.mjs";
import { assertCasesPass, byPath, compare, imported, METHODS, sendTo } from "./compare.mjs";
import { CLASSES, CONFIGURATIONS, program } from "./spring.configurations.mjs";
import { spring, startSpring } from "./spring.mjs";

const found = await spring();
const skip = found ? false : "Java or Spring is neither here nor can Debian's packages be installed";

describe("Spring", { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-import-spring-"));
  /** @type {Awaited<ReturnType<typeof startSpring>>} */
  let server;
  /** @type {ReturnType<typeof imported>} */
  let written;
  /** @type {import("../../tests/support/gateway.mjs").TestGateway} */
  let gateway;

  before(async () => {
    server = await startSpring(/** @type {import("./spring.mjs").Spring} */ (found), folder, program(), CLASSES);
    written = imported([server.file], { port: server.port });
    gateway = await withGateway({ policy: written.policy });
  });

  after(async () => {
    await gateway?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("the cases of the imported policy pass", () => assertCasesPass(written));

  test("wherever a page sees a difference, the report has named it", async () => {
    const edge = (/** @type {Parameters<typeof gateway.request>[0]} */ parts) => gateway.request(parts);
    const { findings } = written;
    const wider = { HEAD: "HEAD goes with GET", QUERY: "before version 6" };
    const all = byPath(CONFIGURATIONS, { findings, program: sendTo(server.port), edge });
    await compare(all, { requests: 60, least: 0.5, methods: [...METHODS, "HEAD"], wider });
  });
});
