// A server that answers as `mistakes.mjs` says: each of its answers has a path.

import { once } from "node:events";
import http from "node:http";
import { urlOf } from "../../support/listening.mjs";

/**
 * @param {import("./mistakes.mjs").Mistake[]} mistakes
 * @returns {Promise<{ url: (name: string) => string, close: () => Promise<void> }>}
 */
export async function startMistakenServer(mistakes) {
  const server = http.createServer((request, response) => {
    const mistake = mistakes[Number.parseInt(String(request.url).slice(2), 10)];
    const isPreflight = request.method === "OPTIONS";
    const answer = isPreflight ? mistake?.preflight : mistake?.response;
    response.writeHead(answer?.status ?? (isPreflight ? 204 : 200), answer?.headers).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `localhost`, which is another site than the page's, and is secure enough for pages over TLS.
  const base = urlOf(server).replace("127.0.0.1", "localhost");
  return {
    url: (name) => `${base}/m${mistakes.findIndex((mistake) => mistake.name === name)}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
