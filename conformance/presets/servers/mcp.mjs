// MCP servers of both lines of the official SDK. They ask for a token.

import { randomUUID } from "node:crypto";
import http from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createMcpHandler, McpServer as StatelessServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const NAMED = { name: "shop", version: "1.0.0" };
const METADATA = "https://mcp.example.com/.well-known/oauth-protected-resource";

/** @template {{ registerTool: Function }} T @param {T} server */
function withEcho(server) {
  const echo = ({ text }) => ({ content: [{ type: "text", text }] });
  server.registerTool("echo", { description: "Says it again.", inputSchema: z.object({ text: z.string() }) }, echo);
  return server;
}

export function mcp() {
  /** @type {Map<string, StreamableHTTPServerTransport>} */
  const sessions = new Map();
  const modern = toNodeHandler(createMcpHandler(() => withEcho(new StatelessServer(NAMED))));
  return http.createServer(async (request, response) => {
    if (request.headers.authorization !== "Bearer secret") {
      response.writeHead(401, { "www-authenticate": `Bearer resource_metadata="${METADATA}"` }).end();
    } else if (request.headers["mcp-protocol-version"] === "2026-07-28") await modern(request, response);
    else {
      const known = sessions.get(String(request.headers["mcp-session-id"]));
      await (known ?? (await newSession(sessions))).handleRequest(request, response);
    }
  });
}

/**
 * Numbers the events. The SDK's example names them by time and chance: two of one millisecond may sort the wrong way round,
 * and then the later one is never sent again.
 */
class OrderedEvents extends InMemoryEventStore {
  #count = 0;

  /** @param {string} streamId */
  generateEventId(streamId) {
    this.#count += 1;
    return `${streamId}_${String(this.#count).padStart(9, "0")}`;
  }
}

/** @param {Map<string, StreamableHTTPServerTransport>} sessions */
async function newSession(sessions) {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: new OrderedEvents(),
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await withEcho(new McpServer(NAMED)).connect(transport);
  return transport;
}
