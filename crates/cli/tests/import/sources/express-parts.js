const express = require("express");
const cors = require("cors");
const admin = express();
admin.use(cors({ origin: "https://admin.example.com", methods: undefined }));
const app = express();
app.use("/admin", admin);
app.use("/api", cors({ origin: "https://app.example.com", allowedHeaders: "", headers: ["X-Trace"], methods: false }));
