import { Hono } from "hono";
import { cors } from "hono/cors";
const app = new Hono();
app.use("/api/*", cors());
app.use(
  "/api2/*",
  cors({
    origin: "https://example.com",
    allowHeaders: ["X-Custom-Header", "Upgrade-Insecure-Requests"],
    allowMethods: ["POST", "GET", "OPTIONS"],
    exposeHeaders: ["Content-Length", "X-Kuma-Revision"],
    maxAge: 600,
    credentials: true,
  }),
);
app.use(
  "/api4/*",
  cors({
    origin: (origin, c) => {
      return origin.endsWith(".example.com") ? origin : "http://example.com";
    },
  }),
);
export default app;
