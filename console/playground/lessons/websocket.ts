import { HEAD, type Lesson, request } from "./lesson.ts";

const CHAT = "wss://api.example.com/chat";
const APP = "https://app.example.com";
const SOCKET = { websocket: true, credentials: true, method: "" };

const policy = (origins: string, websocket: string) => `${HEAD}
[[routes]]
name = "chat"
path = "/chat"
[routes.cors]
origins = [${origins}]
${websocket}`;

export const websocket: Lesson = {
  id: "websocket",
  title: "WebSocket",
  text: [
    "CORS does not apply to a WebSocket: the browser sends no preflight, reads no `Access-Control` header, and sends cookies to whoever asks. All that protects the person is a server that looks at `Origin` itself.",
    "This chat accepts handshakes of any site. Let only the app open one.",
  ],
  policy: policy(`"*"`, `[routes.websocket]\ndangerously_allow_any_origin = true\n`),
  request: request(CHAT, "https://evil.example", SOCKET),
  goals: [
    {
      sentence: "the app may open the chat, without a preflight",
      request: request(CHAT, APP, SOCKET),
      expect: { end: "allowed", preflight: false },
    },
    {
      sentence: "`https://evil.example` may not",
      request: request(CHAT, "https://evil.example", SOCKET),
      expect: { end: "refused" },
    },
  ],
  solution: policy(`"${APP}"`, ""),
};
