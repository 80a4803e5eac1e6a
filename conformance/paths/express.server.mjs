// Express with the routes of the policy, once for each router setting, on a port of its own; each route answers its
// name. Prints the ports as JSON when all listen.

import { once } from "node:events";
import express from "express";
import { portOf } from "../../tests/support/listening.mjs";

const CONFIGURATIONS = {
  Express: {},
  "Express, strict and case-sensitive": { "strict routing": true, "case sensitive routing": true },
};

/** @type {Record<string, number>} */
const ports = {};
for (const [name, settings] of Object.entries(CONFIGURATIONS)) {
  const app = express();
  for (const [setting, value] of Object.entries(settings)) app.set(setting, value);
  app.all("/auth/login", (_message, response) => response.send("login"));
  app.all("/admin{/*below}", (_message, response) => response.send("admin"));
  app.all("/{*all}", (_message, response) => response.send("rest"));
  /** @type {import("express").ErrorHandler} */
  const failing = (_error, _message, response, _next) => response.status(400).send("unreadable");
  app.use(failing);
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  ports[name] = portOf(server);
}
console.log(JSON.stringify(ports));
