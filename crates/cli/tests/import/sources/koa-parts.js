const Koa = require("koa");
const cors = require("@koa/cors");
const mount = require("koa-mount");
const api = new Koa();
api.use(cors({ origin: "https://app.example.com", allowMethods: null, allowHeaders: [] }));
const app = new Koa();
app.use(mount("/api", api));
app.use(mount("/own", new Koa().use(cors({ origin: "https://admin.example.com", allowMethods: "" }))));
