import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { AppModule } from "./app.module";
async function bootstrap() {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    cors: { origin: ["https://app.example.com"], methods: "GET,PUT", allowedHeaders: ["Content-Type"] },
  });
  await app.listen(3000);
}
bootstrap();
