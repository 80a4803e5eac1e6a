// 14. Server-sent events: GET, one origin.
const cors = require("cors");
const app = require("express")();
app.get("/events", cors({ origin: "https://app.example.com", methods: ["GET"] }), (request, response) => {
  response.set("Content-Type", "text/event-stream");
});
