// Express with npm `cors`, as people write it: each name is a configuration, on a port of its own. Prints the ports as
// JSON when all listen.

import { once } from "node:events";
import cors from "cors";
import express from "express";
import { WebSocketServer } from "ws";
import { portOf } from "../../tests/support/listening.mjs";

const APP = "https://app.example.com";
/**
 * @typedef {import("express").Request} Request
 * @typedef {import("express").Response} Response
 * @typedef {import("express").Next} Next
 * @typedef {import("express").Handler} Handler
 * @typedef {Record<string, string | ((request: Request) => string | undefined)>} Fields
 */

const careful = { credentials: true, methods: ["GET", "PUT"], allowedHeaders: ["content-type", "authorization"] };
const listed = { ...careful, origin: [APP] };

/** The library with a custom check of the origin. @param {(origin: string) => boolean} check */
const checking = (check) => [cors({ ...careful, origin: (origin, done) => done(null, check(origin ?? "")) }), vary];

/**
 * What the library leaves out where the function refuses.
 *
 * @param {Request} _message
 * @param {Response} response
 * @param {Next} next
 */
function vary(_message, response, next) {
  response.vary("Origin");
  next();
}

/** Sets headers itself, without the library. @param {Fields} fields @returns {Handler} */
function headers(fields, { preflight = 204 } = {}) {
  return (message, response, next) => {
    for (const [name, value] of Object.entries(fields)) {
      const written = typeof value === "function" ? value(message) : value;
      if (written !== undefined) response.append(name, written);
    }
    if (message.method === "OPTIONS") response.status(preflight).end();
    else next();
  };
}

/** @param {(response: Response) => unknown} answer @returns {Handler} */
const onOptions = (answer) => (message, response, next) => (message.method === "OPTIONS" ? answer(response) : next());

const allow = { "Access-Control-Allow-Origin": APP, "Access-Control-Allow-Credentials": "true" };
const lists = { "Access-Control-Allow-Methods": "GET, PUT", "Access-Control-Allow-Headers": "content-type" };
/** @param {Request} request */
const asking = ({ headers }) => (headers.origin === APP ? APP : undefined);

/** @type {Record<string, Handler[]>} */
const configurations = {
  correct: [cors(listed)],
  "correct, for everybody": [cors({ origin: "*", methods: ["GET"], allowedHeaders: ["content-type"] })],
  "correct, and behind authentication": [cors(listed), (_message, response) => response.status(401).end()],
  "correct, and in trouble": [cors(listed), (_message, response) => response.status(503).end()],
  "any origin": [cors({ ...careful, origin: true })],
  "any origin, without credentials": [cors({ ...careful, origin: true, credentials: false })],
  null: [cors({ ...careful, origin: [APP, "null"] })],
  endsWith: checking((origin) => origin.endsWith("example.com")),
  startsWith: checking((origin) => origin.startsWith(APP)),
  includes: checking((origin) => origin.includes("app.example.com")),
  "a dot that is not escaped": [cors({ ...careful, origin: /^https:\/\/app.example.com$/ })],
  "a pattern without anchors": [cors({ ...careful, origin: /https:\/\/app\.example\.com/ })],
  "http too": [cors({ ...careful, origin: [APP, "http://app.example.com"] })],
  "any subdomain": [cors({ ...careful, origin: /^https:\/\/([a-z.]+\.)?app\.example\.com$/ })],
  "any port": [cors({ ...careful, origin: /^https:\/\/app\.example\.com(:\d+)?$/ })],
  "the host name alone": checking((origin) => URL.canParse(origin) && new URL(origin).hostname === "app.example.com"),
  "any case": checking((origin) => origin.toLowerCase() === APP),
  "the first of a list": checking((origin) => origin.split(",")[0] === APP),
  "* with credentials": [cors({ ...careful, origin: "*" })],
  "no Vary": [headers({ ...allow, ...lists, "Access-Control-Allow-Origin": asking })],
  "Vary on some answers": [cors({ ...careful, origin: (origin, done) => done(null, origin === APP) })],
  "no headers on errors": [
    onOptions((response) =>
      response
        .set({ ...allow, ...lists })
        .status(204)
        .end(),
    ),
    (_message, response) => response.status(401).end(),
  ],
  "authentication first": [onOptions((response) => response.status(401).end()), cors(listed)],
  "no preflights": [onOptions((response) => response.status(404).end()), cors(listed)],
  "no route for preflights": [onOptions((response) => response.set("Allow", "GET").send("GET")), cors(listed)],
  "preflights are redirected": [
    onOptions((response) => response.redirect(301, "https://127.0.0.1/data")),
    cors(listed),
  ],
  "set twice": [headers({ ...allow, ...lists }), headers({ "Access-Control-Allow-Origin": APP })],
  "two origins in one value": [
    headers({ ...allow, ...lists, "Access-Control-Allow-Origin": `${APP}, https://b.example` }),
  ],
  "another origin": [headers({ ...allow, ...lists, "Access-Control-Allow-Origin": "https://old.example.com" })],
  "reflected headers": [cors({ ...listed, allowedHeaders: undefined })],
  "reflected methods": [
    headers({
      ...allow,
      ...lists,
      "Access-Control-Allow-Methods": (request) => request.headers["access-control-request-method"],
    }),
  ],
  "* for headers": [headers({ ...allow, ...lists, "Access-Control-Allow-Headers": "*" })],
  "names without a comma": [
    headers({ ...allow, ...lists, "Access-Control-Allow-Headers": "content-type authorization" }),
  ],
  "a method with a space": [headers({ ...allow, ...lists, "Access-Control-Allow-Methods": "PUT, DE LETE" })],
  "methods with semicolons": [headers({ ...allow, ...lists, "Access-Control-Allow-Methods": "GET; PUT" })],
  True: [headers({ ...allow, ...lists, "Access-Control-Allow-Credentials": "True" })],
  "no credentials": [cors({ ...listed, credentials: false })],
  sockets: [],
  "sockets for everybody": [],
};

/** @type {Record<string, number>} */
const ports = {};
for (const [name, layers] of Object.entries(configurations)) {
  const app = express();
  for (const layer of layers) app.use(layer);
  app.all("/data", (_message, response) => response.json({ name }));
  app.get("/events", (_message, response) => {
    response.type("text/event-stream").write("data: 1\n\n");
    const timer = setInterval(() => response.write("data: 2\n\n"), 20);
    response.on("close", () => clearInterval(timer));
  });
  const server = app.listen(0, "127.0.0.1");
  if (name.startsWith("sockets")) {
    /** @type {import("ws").VerifyClientCallbackAsync} */
    const ofApp = ({ origin }, done) => done(origin === APP, 403);
    const verifyClient = name === "sockets" ? ofApp : undefined;
    new WebSocketServer({ server, verifyClient });
  }
  await once(server, "listening");
  ports[name] = portOf(server);
}
console.log(JSON.stringify(ports));
