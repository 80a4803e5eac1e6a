// Configurations of npm `cors`, as a person would write them: every spelling of an option once, and mixtures by a seeded
// generator, so that a failure can be run again.

/** @typedef {{ origin?: string, methods?: string, allowedHeaders?: string, exposedHeaders?: string, credentials?: string, maxAge?: string, more?: string }} Options each a text of JavaScript */

const LIST = '["https://app.example.com", "https://admin.example.com:8443"]';

const ORIGINS = [
  '"https://app.example.com"',
  '"*"',
  "true",
  "false",
  LIST,
  "[/^https:\\/\\/(.+\\.)?example\\.com$/]",
  "/^https:\\/\\/[a-z0-9-]+(\\.[a-z0-9-]+)*\\.example\\.com$/",
  "/\\.example\\.com$/",
  "/example\\.com$/",
  "/^https:\\/\\/app.example.com$/",
  "/^https:\\/\\/app\\.example\\.com/",
  "/^https:\\/\\/\\w+\\.example\\.com$/",
  "/^https:\\/\\/(app|www)\\.example\\.com$/",
  "/^http:\\/\\/localhost(:\\d+)?$/",
  'new RegExp("^https://app\\\\.example\\\\.com$", "i")',
  '["https://app.example.com", /^https:\\/\\/.+\\.example\\.org$/, "null"]',
  '["https://*.example.com"]',
  `new Set(${LIST})`,
  '"https://app.example.com/"',
  '"http://old.example.com"',
  `(origin, callback) => callback(null, ${LIST}.includes(origin))`,
  `function (origin, callback) {
    if (!origin || ${LIST}.indexOf(origin) !== -1) {
      callback(null, true);
    } else {
      callback(null, false);
    }
  }`,
  '(origin, callback) => callback(null, origin === "https://app.example.com" ? origin : "https://admin.example.com:8443")',
  "(origin, callback) => callback(null, /^https:\\/\\/.+\\.example\\.com$/.test(origin))",
  '(origin, callback) => callback(null, origin?.endsWith(".example.com"))',
];
const METHODS = ['"GET"', '"GET,PUT"', '["PUT", "DELETE"]', '"put,PATCH"', '"*"', '["GET,PUT", "QUERY"]'];
const HEADERS = [
  '"content-type"',
  '"Content-Type, Authorization"',
  '["X-A", "Content-Type"]',
  "[]",
  '"*"',
  '["X-A", "Cookie"]',
];
const EXPOSED = ['"X-Request-Id"', '["ETag", "X-A"]', '"*"', "[]"];
const AGES = ["600", '"3600"', "60 * 60", "0", "200000"];

/** A generator of numbers below 2^32 (xorshift). @param {number} seed */
export function numbers(seed) {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** @template T @param {() => number} next @param {T[]} list @returns {T} */
export const pick = (next, list) => list[next() % list.length];

/**
 * @param {number} seed
 * @param {number} mixtures
 * @returns {Options[]}
 */
export function configurations(seed, mixtures) {
  const next = numbers(seed);
  /** @param {string[]} list */
  const perhaps = (list) => (next() % 3 === 0 ? undefined : pick(next, list));
  const mixed = Array.from({ length: mixtures }, () => ({
    origin: perhaps(ORIGINS),
    methods: perhaps(METHODS),
    allowedHeaders: perhaps(HEADERS),
    exposedHeaders: perhaps(EXPOSED),
    credentials: perhaps(["true", "false", '"true"']),
    maxAge: perhaps(AGES),
    more: perhaps(["optionsSuccessStatus: 200"]),
  }));
  return [
    {},
    ...ORIGINS.map((origin) => ({ origin })),
    ...ORIGINS.map((origin) => ({ origin, credentials: "true" })),
    ...mixed,
  ];
}

/** A program that has each configuration under a path of its own. @param {Options[]} all */
export function program(all) {
  const uses = all.map(({ more, ...options }, index) => {
    const pairs = Object.entries(options).filter(([, value]) => value !== undefined);
    const lines = [...pairs.map(([key, value]) => `${key}: ${value}`), ...(more ? [more] : [])];
    return `app.use("/c${index}", cors({ ${lines.join(", ")} }));`;
  });
  return `import cors from "cors";
import express from "express";

const app = express();
${uses.join("\n")}
app.use((request, response) => response.json({ path: request.path }));
export default app;
`;
}
