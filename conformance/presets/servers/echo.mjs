// Answers with the headers of the request.

import http from "node:http";

export const echo = () =>
  http.createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(request.headers));
  });
