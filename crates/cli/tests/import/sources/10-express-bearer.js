// 10. A single-page application with bearer tokens.
const cors = require("cors");
const app = require("express")();
app.use("/api", cors({ origin: "https://app.example.com", allowedHeaders: ["Authorization", "Content-Type"] }));
