// The site that the scenes are about: servers of pages, each an origin, a gateway and an API behind it.
//
// The API is asked at `localhost`. Pages of `127.0.0.1` are of another site, those of `localhost` of the same site but
// another origin. Both are listed, but for the page of a stranger.

import { makeCertificate } from "../../support/certificate.mjs";
import { withGateway } from "../../support/gateway.mjs";
import { route } from "../../support/rules.mjs";
import { startUpstream } from "../../support/upstream.mjs";
import { startEdge } from "./edge.mjs";
import { servePages } from "./page-server.mjs";

/** What refuses connections: no server listens on the port that `discard` had. */
const NOBODY = "http://127.0.0.1:9";

/** Long enough for a request that arrives, short enough for one that times out. */
const TIMEOUT_SECONDS = 1;

/** @param {{ upstream: string, listed: string[] }} site */
function policyOf({ upstream, listed }) {
  const origins = `origins = ${JSON.stringify(listed)}`;
  const app = `[routes.cors]
${origins}
credentials = true
methods = ["PUT", "DELETE"]
request_headers = ["authorization", "content-type", "x-amz-meta-*", "x-client"]
exposed_headers = ["x-id", "x-amz-meta-*"]
`;
  // One request for each browser, which names itself.
  const limits = `[[routes.limits]]
name = "browser"
quota = 1
window = 3600
by = ["header:x-client"]
[[routes.limits]]
name = "client"
quota = 1000
window = 60
by = ["client_ip"]`;
  return `version = 1
[check]
allow = ["CG240", "CG241"]
[upstreams]
api = "${upstream}"
down = "${NOBODY}"
[defaults]
upstream = "api"
[defaults.cors]
${origins}
${route("app", `${app}max_age = 600`)}
${route("uncached", `${app}max_age = 0`)}
${route("plain", `[routes.cors]\n${origins}`)}
${route("open", `[routes.cors]\norigins = ["*"]\nexposed_headers = ["x-amz-meta-*"]`)}
${route("console", 'explain = "console"', app)}
${route("forward", 'on_disallowed = "forward"', app)}
${route("limited", app, limits)}
${route("down", 'upstream = "down"', app)}
${route("slow", `timeout = ${TIMEOUT_SECONDS}`, app)}
${route("close", app, '[routes.websocket]\non_reject = "close"')}
`;
}

/** What the API answers, by path. @returns {Record<string, import("../../support/upstream.mjs").Handler>} */
function handlers() {
  return {
    "*": (request, response) => {
      let size = 0;
      request.on("data", (bytes) => (size += bytes.length));
      request.on("end", () => {
        response.writeHead(200, {
          "content-type": "application/json",
          "x-id": "7",
          "x-amz-meta-a": "1",
          "x-other": "no",
        });
        response.end(JSON.stringify({ method: request.method, cookie: request.headers.cookie ?? "", size }));
      });
    },
    "/app/login": (_request, response) => {
      response.writeHead(200, { "set-cookie": "session=1; Path=/; SameSite=Lax" }).end("{}");
    },
    "/app/moved": (_request, response) => response.writeHead(302, { location: "/app/found" }).end(),
    "/app/cached": (request, response) => {
      const headers = { etag: '"1"', "cache-control": "max-age=60" };
      if (request.headers["if-none-match"] === '"1"') response.writeHead(304, headers).end();
      else response.writeHead(200, headers).end("cached");
    },
    // What the gateway is not: it grants the origin that asks, and does not say so to caches.
    "/careless": ({ headers }, response) => {
      const granted = { "access-control-allow-origin": String(headers.origin), "cache-control": "max-age=60" };
      response.writeHead(200, granted).end("cached");
    },
    "/app/events": (request, response) => {
      const last = Number(request.headers["last-event-id"] ?? 0);
      response.writeHead(200, { "content-type": "text/event-stream" });
      // The stream ends after each event, and the browser comes back for the next.
      response.end(`retry: 10\nid: ${last + 1}\ndata: after ${last}\n\n`);
    },
    "/slow/x": () => {},
  };
}

/** @typedef {Awaited<ReturnType<typeof startBrowsedSite>>} BrowsedSite */

/**
 * Starts all of it.
 *
 * @param {import("./channel.mjs").Channel} channel of the pages
 */
export async function startBrowsedSite(channel) {
  const tls = await makeCertificate("localhost");
  const [app, second, stranger, secure] = await Promise.all([
    servePages(channel),
    servePages(channel),
    servePages(channel),
    servePages(channel, tls),
  ]);
  const upstream = await startUpstream(handlers());
  const listed = [app.origin(), app.origin("localhost"), second.origin("localhost"), secure.origin("localhost")];
  const policy = policyOf({ upstream: upstream.url, listed });
  const gateway = await withGateway({ policy });
  const edge = await startEdge(gateway.port);
  const secureEdge = await startEdge(gateway.port, tls);
  return {
    /** The source of the gateway's policy. */
    policy,
    edge,
    /** Where pages are, by what the gateway thinks of them. */
    origins: {
      listed: app.origin(),
      sameSite: app.origin("localhost"),
      second: second.origin("localhost"),
      stranger: stranger.origin(),
      secure: secure.origin("localhost"),
    },
    /** Where the API is: at the gateway, where each request is counted on the way, over TLS with HTTP/2, without it. */
    apis: {
      direct: `http://localhost:${gateway.port}`,
      counted: `http://localhost:${edge.port}`,
      secure: `https://localhost:${secureEdge.port}`,
      /** The API itself. */
      careless: upstream.url.replace("127.0.0.1", "localhost"),
    },
    async close() {
      await gateway.close();
      for (const server of [edge, secureEdge, upstream, app, second, stranger, secure]) await server.close();
    },
  };
}
