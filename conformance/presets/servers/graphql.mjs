// GraphQL over HTTP.

import http from "node:http";
import { buildSchema, graphql as execute } from "graphql";

const schema = buildSchema("type Query { hello: String }");

export function graphql() {
  return http.createServer(async (request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://shop");
    const body = Buffer.concat(await request.toArray()).toString();
    const source = body === "" ? String(searchParams.get("query")) : JSON.parse(body).query;
    const answer = await execute({ schema, source, rootValue: { hello: "world" } });
    response.writeHead(200, { "content-type": "application/graphql-response+json" }).end(JSON.stringify(answer));
  });
}
