// Configurations of NestJS, with its two adapters: the examples of its documentation, then what its users write.

import { writeFileSync } from "node:fs";
import path from "node:path";

/** @typedef {import("../frameworks.test.mjs").Framework} Framework */

const enabled = (/** @type {string} */ options) => `const app = await NestFactory.create(AppModule);
  app.enableCors(${options});`;
const created = (/** @type {string} */ cors) => `const app = await NestFactory.create(AppModule, { cors: ${cors} });`;
const fast = (/** @type {string} */ options) =>
  `const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
  app.enableCors(${options});`;
const app = (/** @type {string} */ more) => enabled(`{ origin: "https://app.example.com", ${more} }`);

/** What the application consists of, without decorators: Node.js takes types away, and nothing else. */
const MODULE = `import { Controller, Delete, Get, Module, Patch, Post, Put } from "@nestjs/common";

const methods = { Delete, Get, Patch, Post, Put };
class AppController {}
for (const [name, route] of Object.entries(methods)) {
  const handler = { value: () => "ok", configurable: true };
  Object.defineProperty(AppController.prototype, name, handler);
  route("*")(AppController.prototype, name, handler);
}
Controller()(AppController);

export class AppModule {}
Module({ controllers: [AppController] })(AppModule);
`;

/** @type {Framework["configurations"]} */
const configurations = {
  "nothing but its defaults": { text: enabled("") },
  "by an option": { text: created("true") },
  "options at creation": {
    text: created(`{ origin: ["https://app.example.com", "https://example.com"], credentials: true }`),
  },
  "one origin": { text: app("") },
  "every option": {
    text: enabled(`{
    origin: ["https://app.example.com", "http://localhost:3000"],
    methods: ["GET", "POST", "PUT", "DELETE", "OPTIONS"],
    allowedHeaders: ["Content-Type", "Authorization"],
    exposedHeaders: ["X-Total-Count"],
    credentials: true,
    maxAge: 3600,
  }`),
  },
  "the options of a guide": {
    text: enabled(`{
    origin: true,
    methods: "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS",
    credentials: true,
  }`),
  },
  "reflects every origin": { text: enabled("{ origin: true }") },
  "no origin": { text: enabled("{ origin: false }") },
  "an asterisk, with credentials": { text: enabled(`{ origin: "*", credentials: true }`) },
  "an asterisk in a list": { text: enabled(`{ origin: ["*"] }`) },
  "an expression": { text: enabled("{ origin: /\\.example\\.com$/, credentials: true }") },
  "a list with an expression": {
    text: enabled(`{ origin: ["https://app.example.com", /^https:\\/\\/(.+\\.)?example\\.org$/], credentials: true }`),
  },
  "a function with a list": {
    text: `const app = await NestFactory.create(AppModule);
  const whitelist = ["https://app.example.com", "https://example.com"];
  app.enableCors({
    origin: function (origin, callback) {
      if (!origin || whitelist.indexOf(origin) !== -1) {
        callback(null, true);
      } else {
        callback(new Error("Not allowed by CORS"));
      }
    },
    credentials: true,
  });`,
  },
  "a function that asks a list with some": {
    text: enabled(`{
    origin: (origin, callback) => {
      const isAllowed = ["https://app.example.com"].some((allowed) => origin?.startsWith(allowed));
      callback(isAllowed ? null : new Error("Not allowed"), isAllowed);
    },
  }`),
  },
  "a delegate with a list": {
    text: `const app = await NestFactory.create(AppModule);
  const allowlist = ["https://app.example.com", "https://example.com"];
  app.enableCors((req, callback) => {
    if (allowlist.indexOf(req.header("Origin")) !== -1) {
      callback(null, { origin: true, credentials: true });
    } else {
      callback(null, { origin: false });
    }
  });`,
  },
  "options of a constant": {
    text: `const options: CorsOptions = {
    origin: ["https://app.example.com"],
    methods: "GET,PUT",
    preflightContinue: false,
    optionsSuccessStatus: 204,
  };
  const app = await NestFactory.create(AppModule, { logger: false });
  app.enableCors(options);`,
  },
  "origins of the environment": {
    text: enabled(`{ origin: process.env.CORS_ORIGIN?.split(",") ?? "https://app.example.com" }`),
  },
  "under a condition": {
    text: `const app = await NestFactory.create(AppModule);
  if (process.env.NODE_ENV === "development") app.enableCors();`,
  },
  "at creation, under a condition": {
    text: created(`process.env.NODE_ENV === "development"`),
  },
  "methods that are undefined": { text: app("methods: undefined") },
  "methods that are null": { text: app("methods: null") },
  "no methods": { text: app("methods: []") },
  "methods as an empty text": { text: app(`methods: ""`) },
  "request headers as an asterisk": { text: app(`allowedHeaders: "*", methods: "*"`) },
  "request headers as a text": { text: app(`allowedHeaders: "Content-Type, Accept, X-A"`) },
  "no request headers": { text: app("allowedHeaders: [], exposedHeaders: []") },
  "request headers as an empty text": { text: app(`allowedHeaders: "", exposedHeaders: ""`) },
  "request headers that are undefined": {
    text: app("allowedHeaders: undefined, exposedHeaders: undefined, maxAge: undefined"),
  },
  "credentials as a text": { text: app(`credentials: "true"`) },
  "an origin that is undefined": { text: enabled("{ origin: undefined }") },
  "an origin that is null": { text: enabled("{ origin: null }") },
  "an empty origin": { text: enabled(`{ origin: "" }`) },
  "a status that refuses preflights": { text: app("optionsSuccessStatus: 404") },
  "preflights of the program": { text: app("preflightContinue: true") },
  twice: {
    text: `const app = await NestFactory.create(AppModule, { cors: true });
  app.enableCors({ origin: "https://app.example.com", credentials: true });`,
  },
  "a prefix for its routes": {
    text: `const app = await NestFactory.create(AppModule);
  app.setGlobalPrefix("api");
  app.enableCors({ origin: "https://app.example.com" });`,
    paths: ["/api/x", "/x"],
  },
  "with Fastify": { text: fast("") },
  "with Fastify, one origin": { text: fast(`{ origin: "https://app.example.com", credentials: true }`) },
  "with Fastify, methods": { text: fast(`{ origin: ["https://app.example.com"], methods: ["GET", "PUT", "PATCH"] }`) },
  "with Fastify, by an option": {
    text: `const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { cors: true });`,
  },
  "with Fastify, an origin that is false": { text: fast("{ origin: false }") },
  "with Fastify, a delegate": {
    text: fast(`(req, callback) => callback(null, { origin: req.headers.origin === "https://app.example.com" })`),
  },
};

/** @type {Framework} */
export const nest = {
  name: "nest",
  file: "main.ts",
  configurations,
  program: (text) => {
    const fastify = `import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";\n`;
    return `import { NestFactory } from "@nestjs/core";
import type { CorsOptions } from "@nestjs/common/interfaces/external/cors-options.interface.js";
${text.includes("FastifyAdapter") ? fastify : ""}import { AppModule } from "./app.module.mjs";

async function bootstrap() {
  ${text}
  return app;
}
export default await bootstrap();
`;
  },
  prepare: async (folder, packages) => {
    writeFileSync(path.join(folder, "app.module.mjs"), MODULE);
    const { Logger } = await packages("@nestjs/common");
    Logger.overrideLogger(false);
  },
  start: async ({ default: app }) => {
    await app.listen(0, "127.0.0.1");
    return { port: app.getHttpServer().address().port, close: () => app.close() };
  },
};
