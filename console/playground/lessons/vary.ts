import { HEAD, type Lesson, request } from "./lesson.ts";

const PRICES = "https://api.example.com/prices";
const FONT = "https://api.example.com/font.woff2";
const APP = "https://app.example.com";
const SHOP = "https://shop.example.com";

const policy = (prices: string, font: string) => `${HEAD}
[[routes]]
name = "prices"
path = "/prices"
[routes.cors]
origins = [${prices}]

[[routes]]
name = "font"
path = "/font.woff2"
[routes.cors]
origins = [${font}]
`;

export const vary: Lesson = {
  id: "vary",
  title: "Vary",
  text: [
    "Where the response names the origin that asked, a cache must not give it to another one: `Vary: Origin` says so, and the gateway writes it. Where every origin gets the same `*`, one copy serves all, and `Vary` would only fill the cache.",
    "Here it is the wrong way round: prices are meant for two sites, and the font for everybody. Change both lists and watch the headers.",
  ],
  policy: policy(`"*"`, `"${APP}", "${SHOP}"`),
  request: request(PRICES, SHOP),
  goals: [
    {
      sentence: "the shop's prices vary by origin",
      request: request(PRICES, SHOP),
      expect: { end: "allowed", headers: { "access-control-allow-origin": SHOP, vary: "Origin" } },
    },
    {
      sentence: "so do the app's",
      request: request(PRICES, APP),
      expect: { end: "allowed", headers: { "access-control-allow-origin": APP, vary: "Origin" } },
    },
    {
      sentence: "the font has one copy for all",
      request: request(FONT, "https://blog.example"),
      expect: { end: "allowed", headers: { "access-control-allow-origin": "*", vary: null } },
    },
  ],
  solution: policy(`"${APP}", "${SHOP}"`, `"*"`),
};
