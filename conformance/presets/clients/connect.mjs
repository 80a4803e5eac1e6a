// The client of Connect.

import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { Shop } from "../shop.mjs";
import { expect } from "./expect.mjs";

/** @param {string} gateway */
export async function calls(gateway) {
  for (const useHttpGet of [false, true]) {
    const client = createClient(Shop, createConnectTransport({ baseUrl: gateway, useHttpGet }));
    let cost;
    const onTrailer = (trailer) => (cost = trailer.get("cost"));
    const { value } = await client.price({ value: "tea" }, { timeoutMs: 60_000, onTrailer });
    expect([value, cost], ["tea is 5", "1"], "the price, and a trailer");
    const prices = [];
    for await (const { value } of client.watch({ value: "tea" }, { timeoutMs: 60_000 })) prices.push(value);
    expect(prices, ["tea is 5", "tea is 6"], "the stream");
    const failure = await client.buy({ value: "tea" }).catch((error) => error);
    expect([failure.code, failure.rawMessage], [8, "all sold"], "the failure");
  }
}
