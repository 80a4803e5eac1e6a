// 1. One origin, methods as a comma-separated string, allowed headers as a string.
const express = require("express");
const cors = require("cors");
const app = express();
app.use(
  cors({
    origin: "https://app.example.com",
    methods: "GET,POST,PUT",
    allowedHeaders: "Content-Type,Authorization",
  }),
);
