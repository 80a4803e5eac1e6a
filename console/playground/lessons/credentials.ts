import { HEAD, type Lesson, request } from "./lesson.ts";

const URL = "https://api.example.com/account";
const APP = "https://app.example.com";
const WITH = { credentials: true };

const policy = (rules: string) => `${HEAD}
[[routes]]
name = "account"
path = "/account"
[routes.cors]
${rules}
`;

export const credentials: Lesson = {
  id: "credentials",
  title: "Credentials",
  text: [
    "A page that sends cookies reads the response as the person who is signed in. So the response must name that page's origin and say `Access-Control-Allow-Credentials: true`; a `*` is not enough.",
    "This route is open to every page, without cookies. Let the app read the account with cookies, and nobody else.",
  ],
  policy: policy(`origins = ["*"]`),
  request: request(URL, APP, WITH),
  goals: [
    {
      sentence: "the app may read the account with cookies",
      request: request(URL, APP, WITH),
      expect: { end: "allowed", headers: { "access-control-allow-credentials": "true" } },
    },
    {
      sentence: "a page of `https://evil.example` is refused",
      request: request(URL, "https://evil.example", WITH),
      expect: { end: "refused" },
    },
  ],
  solution: policy(`origins     = ["${APP}"]\ncredentials = true`),
};
