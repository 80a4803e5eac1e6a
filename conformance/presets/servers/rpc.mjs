// A server of Connect and gRPC-Web.

import http from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Shop } from "../shop.mjs";

export function rpc() {
  const adapter = connectNodeAdapter({
    routes: (router) =>
      router.service(Shop, {
        price: ({ value }, context) => {
          context.responseTrailer.set("cost", "1");
          return { value: `${value} is 5` };
        },
        buy: () => {
          throw new ConnectError("all sold", Code.ResourceExhausted);
        },
        async *watch({ value }) {
          for (const price of [5, 6]) yield { value: `${value} is ${price}` };
        },
      }),
  });
  return http.createServer((request, response) => {
    // As gRPC's proxies answer a failure: with the status in headers, and no body.
    if (request.url === "/shop.v1.Shop/Buy" && request.headers["content-type"]?.startsWith("application/grpc-web")) {
      const failed = { "grpc-status": "8", "grpc-message": "all sold" };
      response.writeHead(200, { "content-type": "application/grpc-web+proto", ...failed }).end();
    } else adapter(request, response);
  });
}
