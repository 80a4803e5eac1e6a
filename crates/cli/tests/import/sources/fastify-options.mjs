export async function routes(fastify) {
  fastify.get("/closed", { config: { cors: false } }, async () => "closed");
}
