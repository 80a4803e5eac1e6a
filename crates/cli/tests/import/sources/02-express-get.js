// 2. The same with one method.
import cors from "cors";
import express from "express";
const app = express();
app.use(cors({ origin: "https://app.example.com", methods: "GET", allowedHeaders: "Content-Type,Authorization" }));
