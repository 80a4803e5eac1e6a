// `corsgate import` asked about real Hono, Fastify, Koa and NestJS. Each configuration is a program of its own, as its
// users write it: it runs, its file is imported, and the policies of all programs of a framework are one policy in one
// gateway, with a host for each program.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/lib/project.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { askAll, assertCasesPass, imported, METHODS, originsIn, SEED, sendTo } from "./compare.mjs";
import { fastify } from "./frameworks/fastify.mjs";
import { hono } from "./frameworks/hono.mjs";
import { koa } from "./frameworks/koa.mjs";
import { nest } from "./frameworks/nest.mjs";

/** @typedef {(name: string) => Promise<any>} Packages imports one of the packages beside this file */
/** @typedef {{ port: number, close: () => unknown }} Running */

/**
 * @typedef {object} Framework
 * @property {string} name
 * @property {string} file what its users call their program
 * @property {Record<string, { text: string, paths?: string[] }>} configurations what is special of each program, and the
 *   paths that are asked for
 * @property {(text: string) => string} program the whole of it
 * @property {(folder: string, packages: Packages) => Promise<void>} [prepare] writes what else a program needs
 * @property {(program: any, packages: Packages) => Promise<Running>} start adds a handler for whatever the program has none
 *   for, and starts it
 */

/** @type {Packages} */
const packages = (name) => import(name);
const PACKAGES = path.join(root, "conformance", "import", "node_modules");
const REQUESTS = 60;

for (const framework of [hono, fastify, koa, nest]) {
  describe(framework.name, () => {
    const rows = Object.entries(framework.configurations);
    /** @type {{ port: number, findings: import("./compare.mjs").Finding[] }[]} */
    const written = [];
    /** @type {(() => unknown)[]} */
    const ends = [];
    /** @type {import("../../tests/support/gateway.mjs").TestGateway} */
    let gateway;
    const counted = { asked: 0, allowed: 0 };

    before(async () => {
      mkdirSync(path.join(root, "target"), { recursive: true });
      const folder = mkdtempSync(path.join(root, "target", `import-${framework.name}-`));
      ends.push(() => rmSync(folder, { recursive: true, force: true }));
      symlinkSync(PACKAGES, path.join(folder, "node_modules"));
      let policy = "";
      for (const [index, [, { text }]] of rows.entries()) {
        const out = path.join(folder, `c${index}`);
        mkdirSync(out);
        const file = path.join(out, framework.file);
        writeFileSync(file, framework.program(text));
        await framework.prepare?.(out, packages);
        const { port, close } = await framework.start(await import(pathToFileURL(file).href), packages);
        ends.push(close);
        const target = { port, host: hostOf(index) };
        const own = imported([file], { ...target, out });
        written.push({ port, findings: own.findings });
        if (own.policy === "") continue;
        assertCasesPass(own);
        const whole = path.join(folder, "policy.toml");
        if (policy === "") writeFileSync(whole, own.policy);
        policy = policy === "" ? own.policy : imported([file], { ...target, merge: whole }).policy;
      }
      gateway = await withGateway({ policy });
      ends.push(() => gateway.close());
    });

    after(async () => {
      for (const end of ends.reverse()) await end();
    });

    for (const [index, [name, { text, paths = ["/data"] }]] of rows.entries()) {
      test(name, async () => {
        const { port, findings } = written[index];
        const asked = {
          configuration: text,
          about: findings,
          targets: paths,
          origins: originsIn(text),
          program: sendTo(port, { Connection: "close" }),
          edge: sendTo(gateway.port, { Host: hostOf(index) }),
        };
        const methods = [...METHODS, "HEAD"];
        const { asked: count, allowed } = await askAll([asked], { requests: REQUESTS, methods, seed: SEED + index });
        counted.asked += count;
        counted.allowed += allowed;
      });
    }

    test("much is allowed", () => {
      // Tests in which both refuse everything would prove nothing.
      assert.ok(counted.allowed > counted.asked / 20, JSON.stringify(counted));
    });
  });
}

/** @param {number} index of a program */
function hostOf(index) {
  return `c${index}.example.com`;
}
