// What the page can do, by name.

import * as connect from "./connect.mjs";
import * as graphql from "./graphql.mjs";
import * as grpcWeb from "./grpc-web.mjs";
import * as mcp from "./mcp.mjs";
import * as s3 from "./s3.mjs";
import * as supabase from "./supabase.mjs";
import * as traces from "./traces.mjs";
import * as tus from "./tus.mjs";

globalThis.scenarios = {
  "MCP with sessions": mcp.withSessions,
  "MCP's resumption": mcp.resumption,
  "MCP without sessions": mcp.withoutSessions,
  "MCP without a token": mcp.withoutToken,
  "tus-js-client": tus.upload,
  "Amazon's S3 client": s3.objects,
  "grpc-web": grpcWeb.google,
  "Connect's gRPC-Web": grpcWeb.connects,
  Connect: connect.calls,
  "Apollo Client": graphql.query,
  "Sentry's SDK": traces.sentry,
  "OpenTelemetry's propagators": traces.openTelemetry,
  "Supabase's client": supabase.everyPart,
};
