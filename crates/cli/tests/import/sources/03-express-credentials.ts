// 3. With credentials, in TypeScript.
import cors, { type CorsOptions } from "cors";
import express, { Express } from "express";
const app: Express = express();
const options: CorsOptions = {
  origin: "https://app.example.com",
  methods: ["GET", "POST", "PUT"],
  allowedHeaders: ["Content-Type", "Authorization"],
  credentials: true,
} satisfies CorsOptions;
app.use(cors(options));
