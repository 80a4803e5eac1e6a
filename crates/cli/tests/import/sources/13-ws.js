const http = require("node:http");
const { WebSocketServer } = require("ws");

const allowedOrigins = ["https://app.example.com", "https://admin.example.com"];

const server = http.createServer();
const wss = new WebSocketServer({ server, path: "/socket" });

wss.on("connection", (ws, req) => {
  const origin = req.headers.origin;
  if (!origin || !allowedOrigins.includes(origin)) {
    ws.close(1008, "origin not allowed");
    return;
  }
  ws.on("message", (message) => ws.send(`echo: ${message}`));
});

server.listen(8080);
