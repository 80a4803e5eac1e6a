// What stands behind a web server: a program without CORS that answers everything.

import http from "node:http";
import { portOf } from "../../tests/support/listening.mjs";

export async function startBehind() {
  const server = http.createServer((request, response) => {
    response.setHeader("X-Request-Id", "1");
    response.end(request.method === "HEAD" ? undefined : "ok");
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(undefined));
  });
  return { port: portOf(server), close: () => server.close() };
}
