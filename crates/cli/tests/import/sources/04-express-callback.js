// 4. A dynamic origin: a callback that looks the origin up in an array, and lets requests without Origin pass.
const cors = require("cors");
const app = require("express")();
const allowedOrigins = ["https://app.example.com", "https://admin.example.com"];
app.use(
  cors({
    origin: function (origin, callback) {
      if (!origin) return callback(null, true);
      if (allowedOrigins.indexOf(origin) === -1) {
        const message = "The CORS policy for this site does not allow access from the specified Origin.";
        return callback(new Error(message), false);
      }
      return callback(null, true);
    },
    allowedHeaders: ["Content-Type"],
  }),
);
