// The inventory of a package as CycloneDX 1.6, for scanners. The same package has the same inventory, so it has no time.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { purl } from "./contents.mjs";

/** @typedef {import("./contents.mjs").Component} Component */

/**
 * @param {{ name: string, version: string, description: string, license: string }} manifest of the package
 * @param {string} tarball
 * @param {Component[]} components
 * @returns {string} the text of the file
 */
export function sbom({ name, version, description, license }, tarball, components) {
  const own = purl("npm", name, version);
  const hex = createHash("sha256").update(readFileSync(tarball)).digest("hex");
  const inside = components.toSorted((one, other) => (one.purl < other.purl ? -1 : 1));
  // What nothing else inside uses, this package does.
  const used = new Set(inside.flatMap(({ uses }) => uses));
  const direct = inside.map((one) => one.purl).filter((one) => !used.has(one));
  const main = {
    ...{ type: "application", "bom-ref": own, name, version, description },
    ...{ hashes: hashes({ algorithm: "SHA-256", hex }), licenses: [{ expression: license }], purl: own },
  };
  const body = {
    metadata: { component: main },
    components: inside.map((one) => ({
      ...{ type: "library", "bom-ref": one.purl, name: one.name, version: one.version },
      ...(one.hash && { hashes: hashes(one.hash) }),
      ...{ licenses: [{ expression: one.licence }], purl: one.purl },
    })),
    dependencies: [
      { ref: own, dependsOn: direct },
      ...inside.map(({ purl, uses }) => ({ ref: purl, dependsOn: uses })),
    ],
  };
  const head = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: serialNumber(JSON.stringify(body)),
    version: 1,
  };
  return `${JSON.stringify({ ...head, ...body }, undefined, 2)}\n`;
}

/** @param {{ algorithm: string, hex: string }} hash */
const hashes = ({ algorithm, hex }) => [{ alg: algorithm, content: hex }];

/** A UUID of the content, in the form of version 8 (RFC 9562), which leaves it to its maker. @param {string} text */
function serialNumber(text) {
  const hex = createHash("sha256").update(text).digest("hex");
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${groups.join("-")}`;
}
