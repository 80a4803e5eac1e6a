// Express mounted under a prefix, with redirects, links and cookies as applications write them. Prints the port as
// JSON.

import express from "express";
import { portOf } from "../../tests/support/listening.mjs";

const inner = express().set("strict routing", true);
inner.get("/items", (request, response) => response.redirect(301, `${request.baseUrl}/items/`));
inner.get("/items/", (request, response) => {
  response.links({ next: `${request.baseUrl}/items/?page=2` }).json({ cookie: request.headers.cookie ?? "" });
});
inner.get("/absolute", (request, response) => {
  response.redirect(302, `${request.protocol}://${request.headers.host}${request.baseUrl}/items`);
});
inner.get("/login", (request, response) => {
  const { baseUrl: path, hostname: domain } = request;
  response.cookie("session", "a b", { path, domain, httpOnly: true });
  response.cookie("items", "1", { path: `${path}/items` });
  response.redirect(303, `${path}/items/`);
});
inner.get("/logout", (request, response) => {
  response.clearCookie("session", { path: request.baseUrl, domain: request.hostname });
  response.redirect(303, `${request.baseUrl}/items/`);
});
const server = express()
  .use("/base", inner)
  .listen(0, "127.0.0.1", () => console.log(JSON.stringify({ "under a prefix": portOf(server) })));
