// The official clients of the Model Context Protocol: the first line of the SDK has sessions, the second has none.

import {
  Client as StatelessClient,
  StreamableHTTPClientTransport as StatelessTransport,
} from "@modelcontextprotocol/client";
import { extractWWWAuthenticateParams } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect } from "./expect.mjs";

const NAMED = { name: "page", version: "1.0.0" };
const requestInit = { headers: { authorization: "Bearer secret" } };

/** @param {{ callTool: Function, listTools: Function }} client */
async function useTools(client) {
  const { tools } = await client.listTools();
  expect(tools[0].name, "echo", "the tool");
  const { content } = await client.callTool({ name: "echo", arguments: { text: "hello" } });
  expect(content[0].text, "hello", "what the tool says");
}

/** @param {string} gateway */
export async function withSessions(gateway) {
  const url = new URL("/mcp", gateway);
  const transport = new StreamableHTTPClientTransport(url, { requestInit });
  const client = new Client(NAMED);
  await client.connect(transport);
  await useTools(client);
  expect(typeof transport.sessionId, "string", "the session");
  await transport.terminateSession();
  expect(transport.sessionId, undefined, "the session after its end");
  await client.close();
}

/** @param {string} gateway */
export async function resumption(gateway) {
  const url = new URL("/mcp", gateway);
  const transport = new StreamableHTTPClientTransport(url, { requestInit });
  const client = new Client(NAMED);
  await client.connect(transport);
  let last;
  const call = { method: "tools/call", params: { name: "echo", arguments: { text: "again" } } };
  await client.request(call, CallToolResultSchema, { onresumptiontoken: (token) => (last ??= token) });
  expect(typeof last, "string", "the event's id");
  const replayed = new Promise((resolve) => (transport.onmessage = resolve));
  await transport.resumeStream(last);
  expect((await replayed).result.content[0].text, "again", "the message that is sent again");
  await transport.terminateSession();
  await client.close();
}

/** @param {string} gateway */
export async function withoutSessions(gateway) {
  const client = new StatelessClient(NAMED, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  // The client leaves `Mcp-Param-*` out in a browser; one that sends it needs the family.
  const headers = { ...requestInit.headers, "mcp-param-region": "eu" };
  await client.connect(new StatelessTransport(new URL("/mcp", gateway), { requestInit: { headers } }));
  expect(client.getNegotiatedProtocolVersion(), "2026-07-28", "the version");
  await useTools(client);
  await client.close();
}

/** @param {string} gateway */
export async function withoutToken(gateway) {
  const response = await fetch(new URL("/mcp", gateway), { method: "POST", body: "{}" });
  expect(response.status, 401, "the status");
  const { resourceMetadataUrl } = extractWWWAuthenticateParams(response);
  expect(
    String(resourceMetadataUrl),
    "https://mcp.example.com/.well-known/oauth-protected-resource",
    "where the token comes from",
  );
}
