// What a release has beside the packages: licences of others, inventories, checksums, the formula, and one version.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { formula } from "../scripts/lib/pack/formula.mjs";
import { environment, operatorTool, root, workerBuild, wasmModules } from "../scripts/lib/project.mjs";
import { pack } from "./support/package.mjs";
import { read } from "./support/pages.mjs";

const { version } = JSON.parse(read("package.json"));
/** @type {Record<string, { target: string }>} */
const platforms = createRequire(import.meta.url)("../npm/corsgate/tool/platforms.json");
const { homepage } = JSON.parse(read("npm/corsgate/package.json"));
const REPOSITORY = homepage.split("#")[0];

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof pack>>} */
let packed;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-release-"));
  packed = await pack(path.join(folder, "packed"));
});

after(() => rmSync(folder, { recursive: true }));

/** A file of a tarball. @param {string} tarball @param {string} file */
const inside = (tarball, file) => execFileSync("tar", ["-xzOf", tarball, `package/${file}`], { encoding: "utf8" });

/** @param {string} tarball */
const licences = (tarball) => inside(tarball, "THIRD-PARTY.txt");

/** @param {string} tarball */
const inventory = (tarball) => JSON.parse(readFileSync(tarball.replace(/\.tgz$/, ".cdx.json"), "utf8"));

/** The crates whose source files something compiled names in its panics. @param {string} file */
function cratesIn(file) {
  const text = readFileSync(file, "latin1");
  const found = text.matchAll(
    /(?:registry\/src\/[^/\0]+|\/crates)\/([\w-]+?)-(\d+\.\d+\.\d+(?:[+-][\w.+-]+)?)\/src\//g,
  );
  return [...new Set([...found].map(([, name, version]) => `${name} ${version} (crates.io)`))];
}

/** The packages that the sources of the bundles import. */
function imported() {
  const sources = ["src", "console"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name)),
  );
  // The pages with their search are in no package.
  const packed = sources.filter((name) => !name.startsWith(path.join("console", "pages")));
  const texts = packed.filter((name) => /\.(js|tsx?)$/.test(name) && !name.endsWith(".d.ts")).map(read);
  const named = texts.flatMap((text) => [
    ...text.matchAll(/^(?:import|export) (?!type )[^;]*?from "((?:@[\w-]+\/)?[\w-]+)/gm),
  ]);
  const names = [...new Set(named.map(([, name]) => name))].filter((name) => !/^(corsgate-|cloudflare$)/.test(name));
  return names.filter((name) => !name.startsWith("node"));
}

describe("THIRD-PARTY.txt", () => {
  test("of the tool names every crate of which the program has code that can panic", () => {
    const crates = cratesIn(operatorTool);
    assert.ok(crates.length > 30, String(crates));
    const text = licences(packed.tool);
    assert.deepEqual(
      crates.filter((crate) => !text.includes(`\n  ${crate}: `)),
      [],
    );
  });

  test("of corsgate names every crate of the Wasm", () => {
    const playground = path.join(workerBuild, "assets", "playground", "playground_bg.wasm");
    const modules = [...wasmModules.map((name) => path.join(workerBuild, `${name}_bg.wasm`)), playground];
    const text = licences(packed.main);
    for (const file of modules) {
      const crates = cratesIn(file);
      assert.ok(crates.length > 0, file);
      assert.deepEqual(
        crates.filter((crate) => !text.includes(`\n  ${crate}: `)),
        [],
        file,
      );
    }
    assert.ok(text.includes("\n  wasm-bindgen "));
  });

  test("of corsgate names every npm package that the bundles import", () => {
    const names = imported();
    assert.ok(names.includes("jose") && names.includes("preact") && names.length > 8, String(names));
    const text = licences(packed.main);
    assert.deepEqual(
      names.filter((name) => !text.includes(`\n  ${name} `)),
      [],
    );
  });

  test("has the texts themselves, each once", () => {
    const text = licences(packed.tool);
    for (const sentence of [
      "UNICODE LICENSE V3",
      // Of ring, which has code of others in turn.
      "Copyright 2015-2020 the fiat-crypto authors",
      // A crate whose archive has no text.
      "Copyright (c) Max Brunsfeld, Amaan Qureshi",
    ]) {
      assert.ok(text.includes(sentence), sentence);
    }
    const bodies = text.split(/^={80}\n(?:.+\n)+={80}\n/m).slice(1);
    assert.equal(new Set(bodies.map((body) => body.trim())).size, bodies.length);
    assert.match(licences(packed.main), /Copyright \(c\) 2018 Filip Skokan/);
    assert.match(licences(packed.create), /It has nothing that others wrote/);
  });
});

test("the Wasm names no folder of this machine, so that another builds the same bytes", () => {
  for (const file of readdirSync(workerBuild, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.wasm$/.test(name),
  )) {
    const text = readFileSync(path.join(workerBuild, file), "latin1");
    assert.match(text, /\/crates\/[\w-]+-\d/, file);
    for (const folder of [root, homedir(), "registry/src"]) assert.ok(!text.includes(folder), `${folder} in ${file}`);
  }
});

describe("the inventories", () => {
  /** @type {[name: string, tarball: () => string, own: RegExp][]} */
  const packages = [
    ["corsgate", () => packed.main, /^pkg:npm\/corsgate@/],
    ["create-corsgate", () => packed.create, /^pkg:npm\/create-corsgate@/],
    ["the tool", () => packed.tool, /^pkg:npm\/%40corsgate\/tool-linux-\w+@/],
  ];
  for (const [name, tarball, own] of packages) {
    test(`of ${name} is CycloneDX, and names the tarball and everything in it`, () => {
      const bom = inventory(tarball());
      assert.deepEqual([bom.bomFormat, bom.specVersion, bom.version], ["CycloneDX", "1.6", 1]);
      assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
      const { component } = bom.metadata;
      assert.match(component.purl, own);
      assert.equal(component.version, version);
      const sha256 = createHash("sha256").update(readFileSync(tarball())).digest("hex");
      assert.deepEqual(component.hashes, [{ alg: "SHA-256", content: sha256 }]);
      const refs = bom.components.map((/** @type {any} */ one) => one["bom-ref"]);
      assert.equal(new Set(refs).size, refs.length);
      for (const one of bom.components) {
        assert.match(one.purl, /^pkg:(cargo|npm)\/[\w%-]+(\/[\w-]+)?@\d[\w.%-]*$/);
        assert.deepEqual([one.type, one["bom-ref"]], ["library", one.purl]);
        assert.ok(one.name !== "" && /^\d/.test(one.version), one.purl);
        assert.match(one.licenses[0].expression, /^[\w.-]+(( OR | AND | WITH )\(?[\w.-]+\)?)*$|^\(/);
        const [{ alg, content }] = one.hashes;
        assert.match(content, alg === "SHA-256" ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{128}$/, one.purl);
      }
      const known = [component["bom-ref"], ...refs].toSorted();
      const graph = bom.dependencies.map((/** @type {any} */ one) => one.ref);
      assert.deepEqual(graph.toSorted(), known);
      for (const { dependsOn } of bom.dependencies) for (const ref of dependsOn) assert.ok(refs.includes(ref), ref);
      // The same as what the licences are of.
      const listed = [...licences(tarball()).matchAll(/^ {2}(\S+) (\d\S*) \((crates\.io|npm)\): /gm)];
      const purls = listed.map(([, name, version, source]) => {
        const kind = source === "npm" ? "npm" : "cargo";
        return `pkg:${kind}/${name.replace("@", "%40")}@${encodeURIComponent(version)}`;
      });
      assert.deepEqual(purls.toSorted(), refs.toSorted());
    });
  }

  test("have the hashes of the lock file", () => {
    const lock = read("Cargo.lock");
    for (const one of inventory(packed.tool).components) {
      assert.ok(lock.includes(`checksum = "${one.hashes[0].content}"`), one.purl);
    }
  });
});

describe("SHA256SUMS", () => {
  const check = () => capture("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: packed.into });

  test("has every tarball and every inventory, as `sha256sum` checks them", async () => {
    const { code, stdout, stderr } = await check();
    assert.equal(code, 0, stdout + stderr);
    const named = readFileSync(path.join(packed.into, "SHA256SUMS"), "utf8").matchAll(/^[0-9a-f]{64} {2}(\S+)$/gm);
    const files = readdirSync(packed.into).filter((name) => /\.(tgz|json)$/.test(name));
    assert.deepEqual([...named].map(([, name]) => name).toSorted(), files.toSorted());
    assert.equal(files.length, 6);
  });

  test("does not pass a tarball with another byte", async () => {
    const bytes = readFileSync(packed.create);
    try {
      writeFileSync(packed.create, Buffer.concat([bytes, Buffer.from([0])]));
      assert.notEqual((await check()).code, 0);
    } finally {
      writeFileSync(packed.create, bytes);
    }
  });
});

describe("what installs the tool without npm takes the files of the release", () => {
  /** @param {string} platform */
  const file = (platform) => `${REPOSITORY}/releases/download/v${version}/corsgate-tool-${platform}-${version}.tgz`;

  test("cargo binstall, for each platform", async () => {
    const args = ["metadata", "--locked", "--no-deps", "--format-version=1"];
    const { stdout } = await capture("cargo", args, { env: environment() });
    /** @type {any[]} */
    const crates = JSON.parse(stdout).packages;
    const tool = crates.find(({ name }) => name === "corsgate-cli");
    const { "bin-dir": place, "pkg-fmt": form, overrides } = tool.metadata.binstall;
    assert.deepEqual([place, form], ["package/{ bin }{ binary-ext }", "tgz"]);
    /** @type {Record<string, string>} */
    const values = { repo: tool.repository, version: tool.version };
    const urls = Object.entries(overrides).map(([target, { "pkg-url": url }]) => [
      target,
      String(url).replaceAll(/\{ (\w+) \}/g, (_, name) => values[name]),
    ]);
    const expected = Object.entries(platforms).map(([name, { target }]) => [target, file(name)]);
    assert.deepEqual(urls.toSorted(), expected.toSorted());
    assert.equal(inside(packed.tool, "corsgate").slice(0, 2), "#!");
    assert.ok(expected.some(([, url]) => path.basename(url) === path.basename(packed.tool)));
  });

  test("the formula of Homebrew, once the programs for its machines are packed", () => {
    const place = path.join(folder, "formula");
    mkdirSync(place);
    /** @type {Record<string, string>} */
    const tarballs = {};
    for (const name of Object.keys(platforms)) {
      tarballs[name] = path.join(place, path.basename(file(name)));
      writeFileSync(tarballs[name], name);
    }
    const text = String(formula({ version, homepage: REPOSITORY }, tarballs));
    const found = [...text.matchAll(/ {4}(on_\w+) do\n {6}url "(.*)"\n {6}sha256 "(.*)"\n/g)];
    assert.deepEqual(
      found.map(([, cpu, url, sum]) => [cpu, url, sum]),
      [
        ["on_arm", "darwin-arm64"],
        ["on_intel", "darwin-x64"],
        ["on_arm", "linux-arm64-musl"],
        ["on_intel", "linux-x64-musl"],
      ].map(([cpu, name]) => [cpu, file(name), createHash("sha256").update(name).digest("hex")]),
    );
    assert.match(text, new RegExp(`^ {2}version "${version}"$`, "m"));
    const { "darwin-x64": _missing, ...others } = tarballs;
    assert.equal(formula({ version, homepage: REPOSITORY }, others), undefined);
  });
});

describe("the version is the same everywhere", () => {
  /** @type {[where: string, file: string, pattern: RegExp, count: number][]} */
  const places = [
    ["the crates", "Cargo.toml", /^\[workspace\.package\]\nversion = "(.*)"$/gm, 1],
    ["the lock file of the crates", "Cargo.lock", /^name = "corsgate(?:-\w+)?"\nversion = "(.*)"$/gm, 13],
    ["that of fuzzing", "fuzz/Cargo.lock", /^name = "corsgate-(?!fuzz)\w+"\nversion = "(.*)"$/gm, 2],
    ["that of the benchmark", "bench/decide/Cargo.lock", /^name = "corsgate-policy"\nversion = "(.*)"$/gm, 1],
    ["the npm project", "package.json", /^ {2}"version": "(.*)",$/gm, 1],
    ["its lock file", "package-lock.json", /^ {2,6}"(?:name": "corsgate",\n +")version": "(.*)",$/gm, 2],
    ["the template of a project", "npm/template/package.json", /"corsgate": "\^(.*)"/g, 1],
    ["the page of the package", "npm/corsgate/README.md", /"corsgate": "\^(.*)"/g, 1],
    ["the action", ".github/actions/check/action.yml", /^ {4}default: "(\d+\.\d+\.\d+)"$/gm, 1],
  ];
  for (const [where, file, pattern, count] of places) {
    test(where, () => {
      const found = [...read(file).matchAll(pattern)].map(([, one]) => one);
      assert.deepEqual([...new Set(found)], [version]);
      assert.ok(found.length >= count, `${found.length} of ${count}`);
    });
  }

  test("the tool, and each package", async () => {
    const { stdout } = await capture(operatorTool, ["--version"]);
    assert.equal(stdout, `corsgate ${version}\n`);
    for (const tarball of [packed.main, packed.create, packed.tool]) {
      const manifest = JSON.parse(inside(tarball, "package.json"));
      assert.equal(manifest.version, version);
      for (const tool of Object.values(manifest.optionalDependencies ?? {})) assert.equal(tool, version);
      assert.ok(path.basename(tarball).endsWith(`-${version}.tgz`));
    }
  });
});
