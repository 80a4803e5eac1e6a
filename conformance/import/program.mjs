// The tests of a program with many configurations, each under a path of its own: the imported policy enforces beside it
// in the gateway, and both get the same requests.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { withGateway } from "../../tests/support/gateway.mjs";
import { assertCasesPass, byPath, compare, imported, sendTo } from "./compare.mjs";

/** @typedef {import("./compare.mjs").Asked} Asked */

/**
 * A program that runs.
 *
 * @typedef {object} Started
 * @property {string[]} files what is imported
 * @property {number} port
 * @property {number} [upstream] the port of what stands behind it, if the gateway is to ask that instead
 * @property {() => unknown} close
 */

/**
 * @typedef {object} Program
 * @property {string | false} [skip]
 * @property {string} [below] the folder for its files, if they must find packages; one of the system's if there is none
 * @property {unknown[]} configurations of which each has the path `/cN`
 * @property {(folder: string) => Promise<Started>} start
 * @property {(parts: Parameters<typeof byPath>[1]) => Asked[]} [asked]
 * @property {Parameters<typeof compare>[1]} how
 */

/** @param {string} name @param {Program} program */
export function testProgram(name, { skip = false, below, configurations, start, asked, how }) {
  describe(name, { skip }, () => {
    if (below) mkdirSync(below, { recursive: true });
    const folder = mkdtempSync(path.join(below ?? tmpdir(), "corsgate-import-"));
    /** @type {Started} */
    let started;
    /** @type {import("./compare.mjs").Imported} */
    let written;
    /** @type {import("../../tests/support/gateway.mjs").TestGateway} */
    let gateway;

    before(async () => {
      started = await start(folder);
      written = imported(started.files, { port: started.upstream ?? started.port, out: folder });
      gateway = await withGateway({ policy: written.policy });
    });

    after(async () => {
      await gateway?.close();
      await started?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("the cases of the imported policy pass", () => assertCasesPass(written));

    test("wherever a page sees a difference, the report has named it", async () => {
      const sends = { program: sendTo(started.port), edge: sendTo(gateway.port) };
      const all = (asked ?? byPath.bind(undefined, configurations))({ findings: written.findings, ...sends });
      await compare(all, how);
    });
  });
}
