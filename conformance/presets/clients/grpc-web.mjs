// Google's client of gRPC-Web, and Connect's.

import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { StringValue } from "google-protobuf/google/protobuf/wrappers_pb.js";
import { GrpcWebClientBase, MethodDescriptor, MethodType } from "grpc-web";
import { Shop } from "../shop.mjs";
import { expect } from "./expect.mjs";

/** @param {string} name */
function method(name) {
  const write = (message) => message.serializeBinary();
  return new MethodDescriptor(name, MethodType.UNARY, StringValue, StringValue, write, StringValue.deserializeBinary);
}

/** @param {string} gateway */
export async function google(gateway) {
  const client = new GrpcWebClientBase({ format: "binary" });
  const metadata = { authorization: "Bearer secret", deadline: String(Date.now() + 60_000) };
  const call = (name) => {
    const path = `/shop.v1.Shop/${name}`;
    return client.unaryCall(gateway + path, new StringValue(["tea"]), metadata, method(path));
  };
  expect((await call("Price")).getValue(), "tea is 5", "the price");
  const failure = await call("Buy").catch((error) => error);
  expect([failure.code, failure.message], [8, "all sold"], "the failure");
}

/** @param {string} gateway */
export async function connects(gateway) {
  const client = createClient(Shop, createGrpcWebTransport({ baseUrl: gateway }));
  const options = { timeoutMs: 60_000, headers: { authorization: "Bearer secret" } };
  expect((await client.price({ value: "tea" }, options)).value, "tea is 5", "the price");
  const failure = await client.buy({ value: "tea" }, options).catch((error) => error);
  expect([failure.code, failure.rawMessage], [8, "all sold"], "the failure");
}
