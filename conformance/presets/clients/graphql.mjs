// Apollo's client.

import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client/core";
import { expect } from "./expect.mjs";

/** @param {string} gateway */
export async function query(gateway) {
  for (const useGETForQueries of [false, true]) {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      clientAwareness: { name: "shop", version: "1.0.0" },
      link: new HttpLink({
        uri: `${gateway}/graphql`,
        useGETForQueries,
        headers: {
          authorization: "Bearer secret",
          "apollo-require-preflight": "true",
          "x-apollo-operation-name": "Say",
        },
      }),
    });
    const { data } = await client.query({ query: gql`query Say { hello }` });
    expect(data.hello, "world", "the answer");
  }
}
