import { HEAD, type Lesson, request } from "./lesson.ts";

const ORDERS = "https://api.example.com/orders";
const TOKEN = "https://api.example.com/token";
const APP = "https://app.example.com";
const BEARER = "authorization: Bearer abc";

const policy = (orders: string, token: string) => `${HEAD}
[[routes]]
name = "orders"
path = "/orders"
[routes.cors]
origins = ["${APP}"]
${orders}

# Gives a new token for the cookie of the sign-in.
[[routes]]
name = "token"
path = "/token"
[routes.cors]
origins = ["${APP}"]
${token}`;

export const tokens: Lesson = {
  id: "tokens",
  title: "Tokens and refresh",
  text: [
    "A token in `Authorization` is a header that the page sets, so it needs a preflight and its name in `request_headers`; `*` does not cover it. No cookie is involved, so the route needs no credentials.",
    "The refresh of the token is the opposite: it carries the cookie of the sign-in, so that route alone has credentials.",
  ],
  policy: policy(`request_headers = ["*"]\ncredentials = false`, ""),
  request: request(ORDERS, APP, { headers: BEARER, credentials: false, method: "GET" }),
  goals: [
    {
      sentence: "the app may read the orders with its token",
      request: request(ORDERS, APP, { headers: BEARER }),
      expect: { end: "allowed", headers: { "access-control-allow-credentials": null } },
    },
    {
      sentence: "it may refresh the token with its cookie",
      request: request(TOKEN, APP, { method: "POST", credentials: true }),
      expect: { end: "allowed" },
    },
    {
      sentence: "the orders take no cookies",
      request: request(ORDERS, APP, { credentials: true }),
      expect: { end: "blocked" },
    },
  ],
  solution: policy(`request_headers = ["authorization"]`, `credentials = true\n`),
};
