// Configurations of `hono/cors`: the examples of its documentation, then what its users write.

/** @typedef {import("../frameworks.test.mjs").Framework} Framework */

const BASIC = `{
    origin: "http://example.com",
    allowHeaders: ["X-Custom-Header", "Upgrade-Insecure-Requests"],
    allowMethods: ["POST", "GET", "OPTIONS"],
    exposeHeaders: ["Content-Length", "X-Kuma-Revision"],
    maxAge: 600,
    credentials: true,
  }`;
const whole = (/** @type {string} */ options) => `app.use("/*", cors(${options}));`;

/** @type {Framework} */
export const hono = {
  name: "hono",
  file: "server.ts",
  configurations: {
    "every origin, for a part": { text: `app.use("/api/*", cors());`, paths: ["/api", "/api/x", "/apix", "/"] },
    "every option": { text: `app.use("/api2/*", cors(${BASIC}));`, paths: ["/api2/abc", "/other"] },
    "every option, with https": { text: whole(BASIC.replace("http:", "https:")) },
    "several origins": {
      text: `app.use("/api3/*", cors({ origin: ["https://example.com", "https://example.org"] }));`,
      paths: ["/api3/x"],
    },
    "a function with a suffix": {
      text: `app.use(
  "/api4/*",
  cors({
    // \`c\` is a \`Context\` object
    origin: (origin, c) => {
      return origin.endsWith(".example.com") ? origin : "http://example.com";
    },
  }),
);`,
      paths: ["/api4/x"],
    },
    "methods by origin": {
      text: `app.use(
  "/api5/*",
  cors({
    origin: (origin) => (origin === "https://example.com" ? origin : "*"),
    // \`c\` is a \`Context\` object
    allowMethods: (origin, c) =>
      origin === "https://example.com" ? ["GET", "HEAD", "POST", "PATCH", "DELETE"] : ["GET", "HEAD"],
  }),
);`,
      paths: ["/api5/x"],
    },
    "methods by origin, for listed origins": {
      text: whole(`{
    origin: ["https://app.example.com", "https://example.com"],
    allowMethods: (origin) => (origin === "https://example.com" ? ["GET", "PATCH"] : ["GET"]),
  }`),
    },
    "an origin of the environment": {
      text: `app.use("*", async (c, next) => {
  const corsMiddlewareHandler = cors({
    origin: c.env.CORS_ORIGIN,
  });
  return corsMiddlewareHandler(c, next);
});`,
    },
    "no origin": { text: whole("{ origin: [] }") },
    "a list with an asterisk": { text: whole(`{ origin: ["*", "https://app.example.com"] }`) },
    "a list with an expression": { text: whole(`{ origin: ["https://app.example.com", /\\.example\\.com$/] }`) },
    "every origin, with credentials": { text: whole(`{ origin: "*", credentials: true }`) },
    "a function with a list": {
      text: `const allowed = new Set(["https://app.example.com", "https://admin.example.com:8443"]);
${whole("{ origin: (origin) => (allowed.has(origin) ? origin : null), credentials: true }")}`,
    },
    "a function with an expression": {
      text: whole(`{
    origin: (origin) => {
      if (/^https:\\/\\/([a-z0-9-]+\\.)+example\\.com$/.test(origin)) return origin;
      return undefined;
    },
    credentials: true,
  }`),
    },
    "a function that is a promise": {
      text: whole(`{ origin: async (origin) => (origin === "https://app.example.com" ? origin : "") }`),
    },
    "a function that reflects": { text: whole("{ origin: (origin) => origin, credentials: true }") },
    "a function that reflects, without credentials": { text: whole("{ origin: (origin) => origin }") },
    "a function with another answer": {
      text: whole(
        `{ origin: (origin) => (origin.startsWith("http://localhost") ? origin : "https://app.example.com") }`,
      ),
    },
    "methods as a text": { text: whole(`{ origin: "https://app.example.com", allowMethods: "GET,PUT,DELETE" }`) },
    "methods that are undefined": { text: whole(`{ origin: "https://app.example.com", allowMethods: undefined }`) },
    "no methods": { text: whole(`{ origin: "https://app.example.com", allowMethods: [] }`) },
    "every method": { text: whole(`{ origin: "https://app.example.com", allowMethods: ["*"], allowHeaders: ["*"] }`) },
    "methods in lower case": { text: whole(`{ origin: "https://app.example.com", allowMethods: ["put", "patch"] }`) },
    "no request headers": { text: whole(`{ origin: "https://app.example.com", allowHeaders: [], exposeHeaders: [] }`) },
    "exposed headers with an asterisk": { text: whole(`{ exposeHeaders: ["*"], maxAge: 0 }`) },
    "credentials as a number": { text: whole(`{ origin: "https://app.example.com", credentials: 1 }`) },
    "options that are undefined": {
      text: whole(
        `{ origin: "https://app.example.com", allowHeaders: undefined, exposeHeaders: undefined, maxAge: undefined }`,
      ),
    },
    "an origin that is undefined": { text: whole("{ origin: undefined }") },
    "two parts": {
      text: `app.use("/public/*", cors());
app.use("/private/*", cors({ origin: ["https://app.example.com"], credentials: true, allowHeaders: ["Authorization"] }));`,
      paths: ["/public/x", "/private/x", "/x"],
    },
    "a part of everything": {
      text: `app.use(cors());
app.use("/private/*", cors({ origin: "https://app.example.com", credentials: true }));`,
      paths: ["/private/x", "/x"],
    },
    "single routes": {
      text: `app.get("/status", cors(), (c) => c.text("ok"));
app.post("/orders", cors({ origin: "https://app.example.com" }), (c) => c.text("ok"));
app.options("/orders", cors({ origin: "https://app.example.com" }));
app.all("/all", cors({ origin: "https://example.com" }), (c) => c.text("ok"));`,
      paths: ["/status", "/orders", "/all", "/x"],
    },
    "methods and paths by name": {
      text: `app.on(["GET", "OPTIONS"], "/on", cors({ origin: "https://app.example.com" }));`,
      paths: ["/on", "/x"],
    },
    "an application in another": {
      text: `const api = new Hono();
api.use("/*", cors({ origin: "https://app.example.com", credentials: true }));
api.get("/books", (c) => c.text("books"));
app.route("/v1", api);`,
      paths: ["/v1/books", "/v1", "/x"],
    },
    "an application that is a chain": {
      text: `const api = new Hono()
  .use("*", cors({ origin: "https://app.example.com" }))
  .get("/books", (c) => c.text("books"));
app.route("/v1", api);`,
      paths: ["/v1/books", "/books", "/x"],
    },
    "an application without a name": {
      text: `app.route("/v1", new Hono().use(cors()).get("/books", (c) => c.text("books"))).get("/x", (c) => c.text("x"));`,
      paths: ["/v1/books", "/x"],
    },
    "an application at two paths": {
      text: `const api = new Hono();
api.use(cors({ origin: "https://app.example.com" }));
app.route("/v1", api);
app.route("/v2", api);`,
      paths: ["/v1/books", "/v2/books", "/x"],
    },
    "an application with a base path": {
      text: `const api = new Hono().basePath("/v1");
api.use("/books/*", cors({ origin: "https://app.example.com" }));
api.get("/books/all", (c) => c.text("books"));
app.route("/", api);`,
      paths: ["/v1/books/all", "/books/all", "/x"],
    },
    "a part with a parameter": { text: `app.use("/users/:id/*", cors());`, paths: ["/users/1/x", "/users/1", "/x"] },
    "a chain": {
      text: `app.use("*", cors({ origin: "https://app.example.com" })).get("/x", (c) => c.text("x"));`,
      paths: ["/x", "/y"],
    },
  },
  program: (text) => `import { Hono } from "hono";
import { cors } from "hono/cors";

const app = new Hono();

${text}

export default app;
`,
  start: async ({ default: app }, packages) => {
    const { serve } = await packages("@hono/node-server");
    app.all("*", (/** @type {any} */ c) => c.text("ok"));
    const env = { CORS_ORIGIN: "https://app.example.com" };
    const fetch = (/** @type {Request} */ request) => app.fetch(request, env);
    return await new Promise((resolve) => {
      const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, (/** @type {{ port: number }} */ { port }) => {
        resolve({ port, close: () => server.close() });
      });
    });
  },
};
