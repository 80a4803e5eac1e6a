import Fastify from "fastify";
import cors from "@fastify/cors";
const fastify = Fastify();
// Everything but `null` is an error.
fastify.register(cors, {
  origin: (origin, cb) => cb(undefined, origin === "https://app.example.com"),
  hook: "preSerialization",
  methods: null,
});
