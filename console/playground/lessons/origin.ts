import { HEAD, type Lesson, request } from "./lesson.ts";

const URL = "https://api.example.com/orders";

const policy = (origins: string) => `${HEAD}
[[routes]]
name = "orders"
path = "/orders"
[routes.cors]
origins = [${origins}]
`;

export const origin: Lesson = {
  id: "origin",
  title: "What an origin is",
  text: [
    "An origin is a scheme, a host and a port, such as `https://app.example.com`. It has no path and no slash at its end. Browsers compare it letter by letter: another port or `http` is another origin.",
    "This policy lists a page's address instead of an origin, so it does not compile. Apply the fix. Then let the same host on port 8443 in as well.",
  ],
  policy: policy(`"https://app.example.com/shop/"`),
  request: request(URL, "https://app.example.com"),
  goals: [
    {
      sentence: "`https://app.example.com` may read the orders",
      request: request(URL, "https://app.example.com"),
      expect: { end: "allowed" },
    },
    {
      sentence: "so may `https://app.example.com:8443`",
      request: request(URL, "https://app.example.com:8443"),
      expect: { end: "allowed" },
    },
    {
      sentence: "`http://app.example.com` may not",
      request: request(URL, "http://app.example.com"),
      expect: { end: "refused" },
    },
  ],
  solution: policy(`"https://app.example.com", "https://app.example.com:8443"`),
};
