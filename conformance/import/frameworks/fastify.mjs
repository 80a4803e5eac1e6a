// Configurations of `@fastify/cors`: the examples of its documentation, then what its users write.

/** @typedef {import("../frameworks.test.mjs").Framework} Framework */

const whole = (/** @type {string} */ options) => `await fastify.register(cors, ${options});`;
const app = (/** @type {string} */ options) => whole(`{ origin: "https://app.example.com", ${options} }`);

/** @type {Framework} */
export const fastify = {
  name: "fastify",
  file: "server.mjs",
  configurations: {
    "nothing but its defaults": { text: "await fastify.register(cors);" },
    "no options": { text: whole("{\n  // put your options here\n}") },
    "a function with a host": {
      text: whole(`{
  origin: (origin, cb) => {
    const hostname = new URL(origin).hostname
    if(hostname === "localhost"){
      //  Request from localhost will pass
      cb(null, true)
      return
    }
    // Generate an error on other origins, disabling access
    cb(new Error("Not allowed"), false)
  }
}`),
    },
    "a delegate of an instance": {
      text: `fastify.register(cors, (instance) => {
  return (req, callback) => {
    const corsOptions = {
      origin: true
    };
    // do not include CORS headers for requests from localhost
    if (/^localhost$/m.test(req.headers.origin)) {
      corsOptions.origin = false
    }
    callback(null, corsOptions)
  }
})`,
    },
    "a delegate with a hook": {
      text: `fastify.register(cors, {
  hook: 'preHandler',
  delegator: (req, callback) => {
    callback(null, { origin: req.headers.origin === "https://app.example.com" })
  },
})`,
    },
    "a hook": { text: app("hook: 'preHandler'") },
    "a hook that only runs for objects": { text: app("hook: 'preSerialization'") },
    "options of routes": {
      text: `fastify.register(cors, { origin: 'https://example.com' })

fastify.get('/cors-enabled', (_req, reply) => {
  reply.send('CORS headers applied')
})

fastify.get('/cors-allow-all', {
  config: {
    cors: {
      origin: '*', // Allow all origins for this route
    },
  },
}, (_req, reply) => {
  reply.send('Custom CORS headers applied')
})

fastify.get('/cors-disabled', {
  config: {
    cors: false, // Disable CORS for this route
  },
}, (_req, reply) => {
  reply.send('No CORS headers')
})`,
      paths: ["/cors-enabled", "/cors-allow-all", "/cors-disabled", "/x"],
    },
    "options of routes with methods": {
      text: `${whole("{ methods: ['GET', 'PUT'], exposedHeaders: 'ETag' }")}
fastify.route({
  method: ["GET", "PUT"],
  url: "/orders",
  config: { cors: { origin: "https://app.example.com", credentials: true } },
  handler: async () => "ok",
});
const closed = { config: { cors: false } };
fastify.put("/closed", closed, async () => "ok");
fastify.delete("/users/:id", { config: { cors: false } }, async () => "ok");
fastify.all("/all", { config: { cors: { exposedHeaders: "X-A" } } }, async () => "ok");`,
      paths: ["/orders", "/closed", "/users/1", "/all", "/x"],
    },
    "options of a route before those of the plugin": {
      text: `fastify.get("/early", { config: { cors: false } }, async () => "ok");
fastify.head("/head", { config: { cors: { origin: false } } }, async () => "");
const own = { url: "/own", config: { cors: { origin: ["https://example.com"] } }, handler: async () => "ok" };
fastify.route({ ...own, method: "GET" });
${whole(`{ origin: ["https://app.example.com", "https://example.com"] }`)}`,
      paths: ["/early", "/head", "/own", "/x"],
    },
    "a plugin": {
      text: `fastify.register(async function (instance) {
  await instance.register(cors, { origin: "https://app.example.com" });
  instance.get("/books", async () => "books");
}, { prefix: "/api" });`,
      paths: ["/api/books", "/books", "/x"],
    },
    "a plugin with a name": {
      text: `async function api(fastify) {
  fastify.register(cors, { origin: "https://app.example.com" });
  fastify.get("/books", async () => "books");
}
fastify.register(api, { prefix: "/api" });`,
      paths: ["/api/books", "/x"],
    },
    "a prefix": { text: app('prefix: "/api"'), paths: ["/api/x", "/x"] },
    "under a condition": {
      text: `if (process.env.CORS_ORIGINS === undefined) {
  fastify.register(cors, { origin: "https://app.example.com" });
}`,
    },
    "every origin": { text: whole("{ origin: '*' }") },
    "a list with an asterisk, and credentials": {
      text: whole(`{ origin: ["https://app.example.com", "*"], credentials: true }`),
    },
    "reflects every origin": { text: whole("{ origin: true }") },
    "reflects every origin, with credentials": { text: whole("{ origin: true, credentials: true }") },
    "no origin": { text: whole("{ origin: false }") },
    "no origin in a list": { text: whole("{ origin: [] }") },
    "an origin that is null": { text: whole("{ origin: null }") },
    "an origin that is undefined": { text: whole("{ origin: undefined }") },
    "an empty origin": { text: whole(`{ origin: "" }`) },
    "an expression": { text: whole("{ origin: /^https:\\/\\/([a-z0-9-]+\\.)*example\\.com$/, credentials: true }") },
    "an expression with a state": { text: whole("{ origin: /^https:\\/\\/app\\.example\\.com$/g }") },
    "an expression without an end": { text: whole("{ origin: /^https:\\/\\/app\\.example\\.com/ }") },
    "a list": {
      text: whole(`{
  origin: ["http://example1.com", "https://app.example.com", /^https:\\/\\/([a-z0-9-]+\\.)+example\\.com$/],
  methods: ["GET", "HEAD", "PUT"],
  allowedHeaders: ["Content-Type", "Authorization"],
  exposedHeaders: ["Content-Range", "X-Content-Range"],
  credentials: true,
  maxAge: 86400,
  cacheControl: 600,
}`),
    },
    "a set": { text: whole(`{ origin: new Set(["https://app.example.com"]) }`) },
    "a list in a list": { text: whole(`{ origin: ["https://app.example.com", ["https://example.com"]] }`) },
    "a function with a list": {
      text: `const allowed = ["https://app.example.com", "https://example.com"];
${whole(`{
  origin: (origin, cb) => {
    if (!origin || allowed.includes(origin)) {
      cb(null, true);
      return;
    }
    cb(new Error("Not allowed by CORS"), false);
  },
}`)}`,
    },
    "a function with a list and no error": {
      text: whole(
        `{ origin: (origin, cb) => cb(null, ["https://app.example.com", "https://example.com"].includes(origin)) }`,
      ),
    },
    "a function with an undefined error": {
      text: whole(`{ origin: (origin, cb) => cb(undefined, origin === "https://app.example.com") }`),
    },
    "a function with an error that is false": {
      text: whole(
        `{ origin: (origin, cb) => { if (origin === "https://app.example.com") cb(false, true); else cb(null, false); } }`,
      ),
    },
    "a function that answers with a list": {
      text: whole(`{ origin: (origin, cb) => cb(null, ["https://app.example.com"]) }`),
    },
    "a function that answers with a text": {
      text: whole(`{ origin: (origin, cb) => cb(null, "https://app.example.com") }`),
    },
    "a function that is a promise": {
      text: whole(`{ origin: async (origin) => origin === "https://app.example.com" }`),
    },
    "a function that returns a promise": {
      text: whole(`{ origin: (origin) => Promise.resolve(origin === "https://app.example.com") }`),
    },
    "methods as a text": { text: app(`methods: "GET, PUT, PATCH"`) },
    "methods that are undefined": { text: app("methods: undefined") },
    "methods that are null": { text: app("methods: null") },
    "no methods": { text: app("methods: []") },
    "every method and header": { text: whole(`{ methods: "*", allowedHeaders: "*", exposedHeaders: "*" }`) },
    "request headers that are undefined": {
      text: app("allowedHeaders: undefined, exposedHeaders: undefined, maxAge: undefined"),
    },
    "request headers that are null": { text: app("allowedHeaders: null, exposedHeaders: null, maxAge: null") },
    "no request headers": { text: app("allowedHeaders: [], exposedHeaders: []") },
    "request headers as an empty text": { text: app(`allowedHeaders: "", exposedHeaders: ""`) },
    "the older name of request headers": { text: app(`headers: ["X-A"]`) },
    "credentials as a text": { text: app(`credentials: "true"`) },
    "a status for preflights": {
      text: app("optionsSuccessStatus: 200, strictPreflight: false, hideOptionsRoute: false"),
    },
    "a status that refuses preflights": { text: app("optionsSuccessStatus: 404") },
    "preflights of the program": { text: app("preflightContinue: true") },
    "no preflights": { text: app("preflight: false") },
    "no preflights, by a value that is not true": { text: app("preflight: 1") },
  },
  program: (text) => `import Fastify from "fastify";
import cors from "@fastify/cors";

const fastify = Fastify();

${text}

export default fastify;
`,
  start: async ({ default: app }) => {
    // Whatever comes, as the handlers of a program that takes it all.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", (/** @type {any} */ _request, /** @type {any} */ _body, /** @type {any} */ done) =>
      done(null),
    );
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "QUERY"]) {
      app.route({ method, url: "*", handler: async () => "ok" });
    }
    await app.listen({ port: 0, host: "127.0.0.1" });
    return { port: app.server.address().port, close: () => app.close() };
  },
};
