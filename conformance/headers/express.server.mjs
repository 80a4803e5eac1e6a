// Express that trusts its proxy: answers with what the application believes about the client. Prints the port as JSON.

import express from "express";
import { portOf } from "../../tests/support/listening.mjs";

const app = express().set("trust proxy", 1);
/** @type {import("express").Handler} */
const believed = (request, response) => {
  const { ip, hostname: host, protocol: scheme, path: url, headers } = request;
  response.json({ address: ip, host, scheme, url, headers });
};
app.use(believed);
const server = app.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ "trust proxy": portOf(server) }));
});
