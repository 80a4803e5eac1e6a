import Fastify from "fastify";
import cors from "@fastify/cors";
const fastify = Fastify();
fastify.get("/early", { config: { cors: false } }, async () => "early");
await fastify.register<FastifyCorsOptions>(cors, {
  origin: (origin, cb) => {
    if (origin === "https://app.example.com") {
      cb(null, true);
      return;
    }
    cb(new Error("not allowed"), false);
  },
  methods: ["GET", "PUT"],
  allowedHeaders: undefined,
});
fastify.get("/open", { config: { cors: { origin: "*" } } }, async () => "open");
fastify.route({
  method: ["GET", "PUT"],
  url: "/more",
  config: { cors: { exposedHeaders: "x-total" } },
  handler: async () => "more",
});
fastify.get("/users/:id", { config: { cors: { origin: await allowed() } } }, async () => "user");
