// An upstream that forwards back to the gateway, as after a mistake in DNS.

import http from "node:http";

/**
 * @param {() => number} port of the gateway
 * @returns {import("./upstream.mjs").Handler}
 */
export function leadingBack(port) {
  return ({ method, url, headers }, response) => {
    const options = { port: port(), method, path: url, headers: { ...headers, host: "api.example.com" } };
    const back = http.request(options, (answer) => {
      response.writeHead(Number(answer.statusCode), answer.headers);
      answer.pipe(response);
    });
    back.end();
  };
}
