// What stands behind a web server: a program without CORS that answers everything.

import http from "node:http";

/** @returns {Promise<http.Server>} */
export function startBehind() {
  const server = http.createServer((request, response) => {
    response.setHeader("X-Request-Id", "1");
    response.end(request.method === "HEAD" ? undefined : "ok");
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
