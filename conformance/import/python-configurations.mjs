// Configurations of Flask-CORS, django-cors-headers and `CORSMiddleware` of Starlette and FastAPI, as a person would write
// them.

import { numbers, pick } from "./configurations.mjs";

/** @typedef {Record<string, string>} Options each a text of Python */

const LIST = '["https://app.example.com", "https://admin.example.com:8443"]';
const EXPRESSIONS = [
  String.raw`r"^https://(.+\.)?example\.com$"`,
  String.raw`r"^https://app\.example\.com"`,
  String.raw`r"https://.+\.example\.com"`,
  String.raw`r"^https://\w+\.example\.com$"`,
  'r"^https://app.example.com$"',
  String.raw`r"^http://localhost(:\d+)?$"`,
  String.raw`r".*\.example\.com"`,
];
const METHODS = ['["GET"]', '["GET", "POST", "PUT"]', '["PUT", "DELETE"]', '["GET", "HEAD", "POST", "PATCH", "QUERY"]'];
const HEADERS = ['["Content-Type"]', '["X-A", "Authorization"]', '["*"]', "[]"];
const EXPOSED = ['["X-Request-Id"]', '["ETag", "X-A"]', '["*"]'];

/** FastAPI has the middleware of Starlette. */
const MIDDLEWARE = {
  allow_origins: [LIST, '["*"]', '["https://App.example.com", "null", "https://app.example.com"]', '"*"'],
  allow_origin_regex: EXPRESSIONS,
  allow_methods: [...METHODS, '["*"]', '"*"', '["get", "PUT, DELETE"]'],
  allow_headers: HEADERS,
  allow_credentials: ["True", "False"],
  expose_headers: EXPOSED,
  max_age: ["60"],
};

/** @type {Record<"flask" | "django" | "starlette" | "fastapi", Record<string, string[]>>} */
const CHOICES = {
  flask: {
    origins: [
      '"*"',
      LIST,
      '"https://App.example.com"',
      '"https://*.example.com"',
      '["null", "https://app.example.com"]',
      ...EXPRESSIONS,
    ],
    methods: [...METHODS, '"GET, PUT"', '"*"'],
    allow_headers: [...HEADERS, '"X-A"', '"X-A, X-B"'],
    expose_headers: [...EXPOSED, '"X-A"'],
    supports_credentials: ["True", "False"],
    max_age: ["600", "0"],
    send_wildcard: ["False"],
  },
  django: {
    CORS_ALLOWED_ORIGINS: [LIST, '("https://app.example.com",)', '["https://App.example.com", "null"]'],
    CORS_ALLOWED_ORIGIN_REGEXES: EXPRESSIONS.map((it) => `[${it}]`),
    CORS_ALLOW_ALL_ORIGINS: ["True", "False", "False"],
    CORS_ALLOW_CREDENTIALS: ["True", "False"],
    CORS_ALLOW_METHODS: [...METHODS, '["*"]'],
    CORS_ALLOW_HEADERS: HEADERS,
    CORS_EXPOSE_HEADERS: EXPOSED,
    CORS_PREFLIGHT_MAX_AGE: ["600", "0"],
  },
  starlette: MIDDLEWARE,
  fastapi: MIDDLEWARE,
};

/** What makes an option show. @type {Record<keyof typeof CHOICES, Options>} */
const BASE = {
  flask: {},
  django: { CORS_ALLOWED_ORIGINS: LIST },
  starlette: { allow_origins: LIST },
  fastapi: { allow_origins: LIST },
};

/**
 * The defaults, each spelling alone, and mixtures.
 *
 * @param {keyof typeof CHOICES} library @param {number} seed @param {number} mixtures
 * @returns {Options[]}
 */
export function configurations(library, seed, mixtures) {
  const next = numbers(seed);
  const choices = Object.entries(CHOICES[library]);
  const single = choices.flatMap(([key, values]) => values.map((value) => ({ ...BASE[library], [key]: value })));
  const mixed = Array.from({ length: mixtures }, () =>
    Object.fromEntries(choices.flatMap(([key, values]) => (next() % 3 === 0 ? [] : [[key, pick(next, values)]]))),
  );
  return [{}, ...single, ...mixed];
}

/** @param {Options} options @param {string} joint */
const written = (options, joint) =>
  Object.entries(options)
    .map(([key, value]) => `${key}${joint}${value}`)
    .join(joint === " = " ? "\n" : ", ");

/** @param {Options[]} all @returns {Record<string, string>} files */
export function flask(all) {
  const resources = all.map((options, index) => {
    const pairs = Object.entries(options).map(([key, value]) => `"${key}": ${value}`);
    return `    r"^/c${index}(/.*)?$": {${pairs.join(", ")}},`;
  });
  const text = `from flask import Flask
from flask_cors import CORS

app = Flask(__name__)
CORS(app, resources={
${resources.join("\n")}
})
`;
  return { "flask_app.py": text };
}

/** @param {Options[]} all @returns {Record<string, string>} files */
export function django(all) {
  const files = all.map((options, index) => [
    `django_${index}.py`,
    `NUMBER = ${index}\nCORS_URLS_REGEX = r"^/c${index}(/.*)?$"\n${written(options, " = ")}\n`,
  ]);
  return Object.fromEntries(files);
}

/** @param {Options[]} all @returns {Record<string, string>} files */
export function starlette(all) {
  const applications = all.map(
    (options, index) => `c${index} = Starlette(routes=[Route("/{rest:path}", view, methods=METHODS)])
c${index}.add_middleware(CORSMiddleware, ${written(options, "=")})
app.mount("/c${index}", c${index})`,
  );
  const text = `from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY"]


async def view(request):
    return PlainTextResponse("ok")


app = Starlette()
${applications.join("\n")}
`;
  return { "starlette_app.py": text };
}

/** As its users write it: the middleware of `fastapi`, and the options on lines of their own. @param {Options[]} all @returns {Record<string, string>} files */
export function fastapi(all) {
  const applications = all.map((options, index) => {
    const lines = Object.entries(options).map(([key, value]) => `    ${key}=${value},\n`);
    return `c${index} = FastAPI()


@c${index}.api_route("/{rest:path}", methods=METHODS)
async def view${index}(rest: str):
    return {"path": rest}


c${index}.add_middleware(
    CORSMiddleware,
${lines.join("")})
app.mount("/c${index}", c${index})
`;
  });
  const text = `from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY"]
app = FastAPI()
${applications.join("\n")}`;
  return { "fastapi_app.py": text };
}
