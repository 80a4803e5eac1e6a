// `corsgate import` asked about a real nginx, a real Apache and a real Caddy, as `express.test.mjs` does with Express.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { freePorts } from "../support/probing.mjs";
import { startNginx } from "../support/nginx.mjs";
import * as apacheConfiguration from "./apache.conf.mjs";
import { startBehind } from "./behind.mjs";
import * as caddyfile from "./caddy.conf.mjs";
import * as nginxConfiguration from "./nginx.conf.mjs";
import { testProgram } from "./program.mjs";
import { apache, caddy, startApache, startCaddy } from "./servers.mjs";

/**
 * @typedef {object} WebServer
 * @property {string | undefined} found its program
 * @property {{ CONFIGURATIONS: string[], program: (port: number, behind: number) => string }} written
 * @property {string} file
 * @property {(program: string, folder: string, port: number, text: string) => Promise<() => unknown>} start
 */

/** @type {Record<string, WebServer>} */
const SERVERS = {
  Apache: { found: await apache(), written: apacheConfiguration, file: "httpd.conf", start: startApache },
  Caddy: { found: await caddy(), written: caddyfile, file: "Caddyfile", start: startCaddy },
};

const how = { requests: 100, least: 0.5 };

for (const [name, { found = "", written, file, start }] of Object.entries(SERVERS)) {
  testProgram(name, {
    skip: found === "" && `${name} is neither here nor can Debian's package be installed`,
    configurations: written.CONFIGURATIONS,
    start: async (folder) => {
      const behind = await startBehind();
      const [port] = await freePorts(1);
      const end = await start(found, folder, port, written.program(port, behind.port));
      return { files: [path.join(folder, file)], port, close: () => Promise.all([end(), behind.close()]) };
    },
    how,
  });
}

testProgram("nginx", {
  configurations: nginxConfiguration.CONFIGURATIONS,
  start: async (folder) => {
    const behind = await startBehind();
    const file = path.join(folder, "nginx.conf");
    const server = await startNginx(1, (_folder, [port]) => {
      const text = nginxConfiguration.program(port, behind.port);
      writeFileSync(file, text);
      return { text, ports: { main: port } };
    });
    return { files: [file], port: server.ports.main, close: () => Promise.all([server.close(), behind.close()]) };
  },
  how,
});
