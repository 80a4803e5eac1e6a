import { HEAD, type Lesson, request } from "./lesson.ts";

const NEWS = "https://api.example.com/news";
const ACCOUNT = "https://api.example.com/account";
const APP = "https://app.example.com";

const policy = (account: string, news: string) => `${HEAD}
[[routes]]
name = "account"
path = "/account"
[routes.cors]
origins     = [${account}]
credentials = true

[[routes]]
name = "news"
path = "/news"
[routes.cors]
origins = [${news}]
`;

export const nullOrigin: Lesson = {
  id: "null",
  title: "null is nobody",
  text: [
    "A sandboxed frame, a local file and some redirects send `Origin: null`. Any site can make such a frame, so `null` names nobody. A list that has it lets every site in.",
    "Somebody wrote `null` into this policy for a widget in a sandboxed frame. Take it out. What the widget needs is public news without cookies: open that route to every page instead.",
  ],
  policy: policy(`"${APP}", "null"`, `"${APP}"`),
  request: request(NEWS, "null"),
  goals: [
    {
      sentence: "the app may read the account with cookies",
      request: request(ACCOUNT, APP, { credentials: true }),
      expect: { end: "allowed" },
    },
    {
      sentence: "`null` may not read the account",
      request: request(ACCOUNT, "null", { credentials: true }),
      expect: { end: "refused" },
    },
    {
      sentence: "`null` may read the news, as every page may",
      request: request(NEWS, "null"),
      expect: { end: "allowed", headers: { "access-control-allow-origin": "*" } },
    },
  ],
  solution: policy(`"${APP}"`, `"*"`),
};
