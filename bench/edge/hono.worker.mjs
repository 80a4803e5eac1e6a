// The peer: what a careful user of Hono writes for the same policy.

import { Hono } from "hono";
import { cors } from "hono/cors";
import { proxy } from "hono/proxy";

const app = new Hono();
/** @param {string} origin */
const isListed = (origin) =>
  origin === "https://console.example.net" || (origin.startsWith("https://") && origin.endsWith(".example.com"));

app.use(
  "/api/*",
  cors({
    origin: (origin) => (isListed(origin) ? origin : null),
    allowMethods: ["PUT", "DELETE"],
    allowHeaders: ["authorization", "content-type"],
    exposeHeaders: ["x-id"],
    credentials: true,
    maxAge: 600,
  }),
);
app.all("/api/*", (context) => {
  const { pathname, search } = new URL(context.req.url);
  return proxy(context.env.UPSTREAM + pathname + search, context.req.raw);
});

export default app;
