// The delegate of the documentation of `cors`, and a router that is mounted.
const express = require("express");
const cors = require("cors");
const app = express();
const router = express.Router();

const allowlist = ["https://example1.com", "https://example2.com"];
const corsOptionsDelegate = (req, callback) => {
  let corsOptions;
  if (allowlist.indexOf(req.header("Origin")) !== -1) {
    corsOptions = { origin: true, allowedHeaders: ["Content-Type"] }; // reflect (enable) the requested origin in the CORS response
  } else {
    corsOptions = { origin: false }; // disable CORS for this request
  }
  callback(null, corsOptions); // callback expects two parameters: error and options
};
router.use(cors(corsOptionsDelegate));
app.use("/shop", router);
