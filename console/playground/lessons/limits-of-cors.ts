import { HEAD, type Lesson, request } from "./lesson.ts";

const URL = "https://api.example.com/transfer";
const APP = "https://app.example.com";
const EVIL = "https://evil.example";
const FORM = { method: "POST", headers: "content-type: application/x-www-form-urlencoded", credentials: true };

const policy = (disallowed: string) => `${HEAD}
[[routes]]
name          = "transfer"
path          = "/transfer"
on_disallowed = "${disallowed}"
[routes.cors]
origins     = ["${APP}"]
credentials = true
`;

export const limitsOfCors: Lesson = {
  id: "limits",
  title: "What CORS does not protect",
  text: [
    "CORS decides what a page may read. A form post needs no preflight: it reaches the API with the person's cookies, whatever the page may read afterwards. And `curl` has no origin that anybody checks. So CORS replaces neither sign-in nor a check of who may do what.",
    "This route forwards what it does not allow: the transfer of `https://evil.example` is carried out, and only its answer is withheld. Let the gateway reject it instead.",
  ],
  policy: policy("forward"),
  request: request(URL, EVIL, FORM),
  goals: [
    {
      sentence: "the form post of `https://evil.example` does not reach the API",
      request: request(URL, EVIL, FORM),
      expect: { end: "refused", preflight: false },
    },
    {
      sentence: "the app's does, and it may read the answer",
      request: request(URL, APP, FORM),
      expect: { end: "allowed" },
    },
  ],
  solution: policy("reject"),
};
