// 12. Two option objects, for internal and external clients.
const cors = require("cors");
const app = require("express")();
const internal = { origin: ["https://admin.example.com", "https://tools.example.com"], credentials: true, allowedHeaders: ["Content-Type"] };
const external = { origin: "https://partner.example", methods: ["GET"], allowedHeaders: ["Content-Type"] };
app.use("/internal", cors(internal));
app.use("/external", cors(external));
