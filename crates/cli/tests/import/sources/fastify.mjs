import cors from "@fastify/cors";
import Fastify from "fastify";
const fastify = Fastify();
await fastify.register(cors, {
  origin: ["https://app.example.com", /^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)*\.example\.org$/],
  methods: ["GET", "PUT"],
  allowedHeaders: "content-type, x-trace",
  strictPreflight: false,
});
