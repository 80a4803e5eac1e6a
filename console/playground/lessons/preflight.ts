import { HEAD, type Lesson, request } from "./lesson.ts";

const URL = "https://api.example.com/orders/7";
const APP = "https://app.example.com";
const JSON_BODY = "content-type: application/json";

const policy = (more: string) => `${HEAD}
[[routes]]
name = "orders"
path = "/orders/*"
[routes.cors]
origins = ["${APP}"]
${more}`;

export const preflight: Lesson = {
  id: "preflight",
  title: "Preflight",
  text: [
    "Before a request that no form could send, the browser asks whether it may: an `OPTIONS` request with the method and the names of the headers. Without a yes to both, the request itself is never sent.",
    "The app wants to `PUT` JSON. Allow that method and the header it needs, and no other method.",
  ],
  policy: policy(""),
  request: request(URL, APP, { method: "PUT", headers: JSON_BODY }),
  goals: [
    {
      sentence: "the app may `PUT` JSON, after a preflight",
      request: request(URL, APP, { method: "PUT", headers: JSON_BODY }),
      expect: { end: "allowed", preflight: true },
    },
    {
      sentence: "its `GET` needs no preflight",
      request: request(URL, APP),
      expect: { end: "allowed", preflight: false },
    },
    {
      sentence: "its `DELETE` is refused",
      request: request(URL, APP, { method: "DELETE" }),
      expect: { end: "refused" },
    },
  ],
  solution: policy(`methods = ["PUT"]\nrequest_headers = ["content-type"]\n`),
};
