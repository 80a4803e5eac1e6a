// Starts a program of Spring MVC in Tomcat, both of them Debian's.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { capture } from "../../scripts/lib/child.mjs";
import { systemFiles, systemProgram } from "../../scripts/lib/debian.mjs";
import { root } from "../../scripts/lib/project.mjs";

const SERVER = path.join(root, "conformance", "import", "spring", "Server.java");
const SPRING = ["core", "beans", "context", "expression", "aop", "web", "web.servlet"];
const TOMCAT = ["catalina", "coyote", "util", "util-scan", "juli", "jni", "api", "servlet-api", "annotations-api"];
const JARS = [
  ...SPRING.map((name) => `spring3-${name}`),
  "commons-logging",
  ...TOMCAT.map((name) => `tomcat9-${name}`),
  "tomcat9-jaspic-api",
].map((name) => `/usr/share/java/${name}.jar`);

/** @typedef {{ javac: string, java: string }} Spring */

/** Java and the libraries, if the system has them or Debian's packages can be installed. @returns {Promise<Spring | undefined>} */
export async function spring() {
  const packageName = "default-jdk-headless";
  const javac = await systemProgram({ places: ["javac"], version: ["-version"], packageName });
  const java = await systemProgram({ places: ["java"], version: ["-version"], packageName });
  const has = await systemFiles(JARS, ["libspring-web-servlet-java", "libtomcat9-java"]);
  return javac && java && has ? { javac, java } : undefined;
}

/**
 * @param {Spring} found
 * @param {string} folder
 * @param {string} text of `Program.java`, which is also what the import reads
 * @param {string[]} classes that it has beside `Program`
 */
export async function startSpring({ javac, java }, folder, text, classes) {
  const file = path.join(folder, "Program.java");
  writeFileSync(file, text);
  // Spring 4 reads classes of Java 8.
  const args = ["-nowarn", "--release", "8", "-d", folder, "-cp", JARS.join(":"), SERVER, file];
  const { code, stderr } = await capture(javac, args);
  assert.equal(code, 0, stderr);
  const classPath = [folder, ...JARS].join(":");
  const run = ["-cp", classPath, "Server", folder, "Program", ...classes];
  const child = spawn(java, run, { stdio: "pipe" });
  let said = "";
  child.stderr.on("data", (data) => {
    said = `${said}${data}`.slice(-4000);
  });
  const ended = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(() => assert.fail(said)),
  ]);
  return {
    file,
    port: Number(line),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
