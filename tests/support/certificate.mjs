// A certificate for a host of tests, which nobody vouches for.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { capture } from "../../scripts/lib/child.mjs";

/** @typedef {{ key: string, cert: string }} Certificate both as PEM */

/**
 * Makes a certificate, by the openssl of the system.
 *
 * @param {string} host
 * @returns {Promise<Certificate>}
 */
export async function makeCertificate(host) {
  const folder = await mkdtemp(path.join(tmpdir(), "corsgate-certificate-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name));
  const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  const leaf = ["-addext", "basicConstraints=critical,CA:FALSE"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  try {
    const files = ["-keyout", key, "-out", cert];
    const made = await capture("openssl", ["req", "-x509", ...curve, ...subject, ...leaf, ...files]);
    assert.equal(made.code, 0, made.stderr);
    return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}
