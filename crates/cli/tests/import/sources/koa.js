const Koa = require("koa");
const cors = require("@koa/cors");
const app = new Koa();
const allowed = ["https://app.example.com", "https://admin.example.com"];
app.use(
  cors({
    origin: (ctx) => (allowed.includes(ctx.get("Origin")) ? ctx.get("Origin") : ""),
    allowMethods: ["GET", "PUT"],
    allowHeaders: ["Content-Type"],
    maxAge: 86400,
  }),
);
