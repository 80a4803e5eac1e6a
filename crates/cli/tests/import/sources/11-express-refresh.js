// 11. Its refresh endpoint: POST alone, with credentials.
const cors = require("cors");
const app = require("express")();
const refresh = cors({ origin: "https://app.example.com", methods: ["POST"], credentials: true, allowedHeaders: ["Content-Type"] });
app.options("/auth/refresh", refresh);
app.post("/auth/refresh", refresh, (request, response) => response.json({ ok: true }));
