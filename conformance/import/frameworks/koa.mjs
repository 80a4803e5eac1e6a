// Configurations of `@koa/cors`: the examples of its documentation, then what its users write.

/** @typedef {import("../frameworks.test.mjs").Framework} Framework */

const whole = (/** @type {string} */ options) => `app.use(cors(${options}));`;

/** @type {Framework} */
export const koa = {
  name: "koa",
  file: "server.cjs",
  configurations: {
    defaults: { text: "app.use(cors());" },
    "no options": { text: whole("{}") },
    "credentials alone": { text: whole("{ credentials: true }") },
    "one origin": { text: whole(`{ origin: "https://app.example.com" }`) },
    "one origin, with credentials": { text: whole(`{ origin: "https://app.example.com", credentials: true }`) },
    "every origin, with credentials": { text: whole(`{ origin: "*", credentials: true }`) },
    "an empty origin": { text: whole(`{ origin: "" }`) },
    "an origin that is false": { text: whole("{ origin: false }") },
    "an origin that is true": { text: whole("{ origin: true }") },
    "a list, which it does not read": { text: whole(`{ origin: ["https://app.example.com", "https://example.com"] }`) },
    "an expression, which it does not read": { text: whole("{ origin: /example\\.com$/ }") },
    "a function with a list": {
      text: `const allowed = ["https://app.example.com", "https://admin.example.com:8443"];
${whole(`{
  origin(ctx) {
    const origin = ctx.get("Origin");
    return allowed.includes(origin) ? origin : "";
  },
  credentials: true,
}`)}`,
    },
    "a function with a list and the first of it": {
      text: `const whitelist = ["https://app.example.com", "https://example.com"];
function checkOriginAgainstWhitelist(ctx) {
  const requestOrigin = ctx.accept.headers.origin;
  if (!whitelist.includes(requestOrigin)) {
    return ctx.throw(\`\${requestOrigin} is not a valid origin\`);
  }
  return requestOrigin;
}
${whole("{ origin: checkOriginAgainstWhitelist }")}`,
    },
    "a function with the first of a list": {
      text: `const list = ["https://app.example.com", "https://example.com"];
${whole(`{ origin: (ctx) => (list.includes(ctx.request.header.origin) ? ctx.request.header.origin : list[0]) }`)}`,
    },
    "a function that asks for the path": {
      text: whole(`{
  origin: function (ctx) {
    if (ctx.url === "/test") {
      return "*";
    }
    return "https://app.example.com";
  },
  exposeHeaders: ["WWW-Authenticate", "Server-Authorization"],
  maxAge: 5,
  credentials: true,
  allowMethods: ["GET", "POST", "DELETE"],
  allowHeaders: ["Content-Type", "Authorization", "Accept"],
}`),
      paths: ["/test", "/x"],
    },
    "a function that reflects": { text: whole(`{ origin: (ctx) => ctx.get("Origin"), credentials: true }`) },
    "a function that is a promise": {
      text: whole(
        `{ origin: async (ctx) => (ctx.headers.origin === "https://app.example.com" ? ctx.headers.origin : false) }`,
      ),
    },
    "a function that says one origin": { text: whole(`{ origin: () => "https://app.example.com" }`) },
    "the origin of the request's URL": { text: whole("{ origin: (ctx) => ctx.origin }") },
    "credentials of a function": {
      text: whole(`{ origin: "https://app.example.com", credentials: (ctx) => ctx.path !== "/public" }`),
      paths: ["/public", "/x"],
    },
    "credentials as a text": { text: whole(`{ origin: "https://app.example.com", credentials: "true" }`) },
    "methods as a text": { text: whole(`{ origin: "https://app.example.com", allowMethods: "GET,PUT" }`) },
    "methods as a list": { text: whole(`{ origin: "https://app.example.com", allowMethods: ["GET", "DELETE"] }`) },
    "methods that are undefined": { text: whole(`{ origin: "https://app.example.com", allowMethods: undefined }`) },
    "methods that are null": { text: whole(`{ origin: "https://app.example.com", allowMethods: null }`) },
    "no methods": { text: whole(`{ origin: "https://app.example.com", allowMethods: [] }`) },
    "methods as an empty text": { text: whole(`{ origin: "https://app.example.com", allowMethods: "" }`) },
    "request headers as a text": {
      text: whole(`{ origin: "https://app.example.com", allowHeaders: "X-A,Content-Type" }`),
    },
    "no request headers": { text: whole(`{ origin: "https://app.example.com", allowHeaders: [], exposeHeaders: [] }`) },
    "options of the other libraries": {
      text: whole(
        `{ origin: "https://app.example.com", methods: ["GET"], allowedHeaders: ["X-A"], exposedHeaders: "ETag" }`,
      ),
    },
    "exposed headers as a text": {
      text: whole(`{ origin: "https://app.example.com", exposeHeaders: "X-Request-Id, ETag", maxAge: "3600" }`),
    },
    "every header": { text: whole(`{ exposeHeaders: "*", allowHeaders: "*", allowMethods: "*", maxAge: 0 }`) },
    "isolation and errors": {
      text: whole(
        `{ origin: "https://app.example.com", secureContext: true, keepHeadersOnError: false, privateNetworkAccess: true }`,
      ),
    },
    "under a condition": {
      text: `if (process.env.NODE_ENV === "development") {
  app.use(cors());
} else {
  app.use(cors({ origin: "https://app.example.com" }));
}`,
    },
    "one after the other": {
      text: `app.use(cors({ origin: "https://app.example.com" }));
app.use(cors({ origin: "*", exposeHeaders: "ETag" }));`,
    },
    "in a function of its own": {
      text: `const allow = cors({ origin: "https://app.example.com" });
app.use((ctx, next) => (ctx.path.startsWith("/api") ? allow(ctx, next) : next()));`,
      paths: ["/api/x", "/x"],
    },
  },
  program: (text) => `const Koa = require("koa");
const cors = require("@koa/cors");

const app = new Koa();
${text}

module.exports = app;
`,
  start: async ({ default: app }) => {
    app.silent = true;
    app.use((/** @type {any} */ ctx) => {
      ctx.body = "ok";
    });
    return await new Promise((resolve) => {
      const server = app.listen(0, "127.0.0.1", () => {
        resolve({ port: server.address().port, close: () => server.close() });
      });
    });
  },
};
