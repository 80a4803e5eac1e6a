// Configurations of Caddy as people write them, each a `handle` of its own; `@x` is a matcher of each.

const NAMED = "https://app.example.com";
const proxy = "reverse_proxy 127.0.0.1:{behind}";
const lists = `header Access-Control-Allow-Methods "GET, PUT, DELETE"
header Access-Control-Allow-Headers "Content-Type, Authorization"`;
const preflights = "@preflight# method OPTIONS\nrespond @preflight# 204";
const cors = `header @x# Access-Control-Allow-Origin "{header.Origin}"
header @x# Access-Control-Allow-Credentials true`;

/** `#` is the number of the configuration. @type {string[]} */
export const CONFIGURATIONS = [
  `header Access-Control-Allow-Origin *\n${proxy}`,
  `header Access-Control-Allow-Origin *\n${lists}\n${preflights}\n${proxy}`,
  `header Access-Control-Allow-Origin ${NAMED}\n${lists}\n${preflights}\n${proxy}`,
  `@x# header Origin ${NAMED}\n${cors}\n${lists}\n${preflights}\n${proxy}`,
  `@x# header Origin *.example.com\n${cors}\n${proxy}`,
  `@x# header Origin https://*\n${cors}\n${proxy}`,
  `@x# {\nheader Origin ${NAMED}\nheader Origin https://www.example.com\nmethod GET HEAD POST OPTIONS\n}\n${cors}\n${lists}\n${preflights}\n${proxy}`,
  `@x# header_regexp o# Origin ^https://(.+\\.)?example\\.com$\n${cors}\n${lists}\n${preflights}\n${proxy}`,
  `@x# header_regexp o# Origin ^(https://(app|www)\\.example\\.com)$\nheader @x# Access-Control-Allow-Origin {re.o#.1}\n${proxy}`,
  `@x# header_regexp o# Origin ^https://(\\w+)\\.example\\.com$\nheader @x# Access-Control-Allow-Origin https://{re.o#.1}.example.com\n${proxy}`,
  `import cors ${NAMED} #a\nimport cors https://www.example.com #b\n${proxy}`,
  `@x# not header Origin https://evil.example\n${cors}\n${proxy}`,
  `header Access-Control-Allow-Origin {http.request.header.Origin}\n${lists}\n${preflights}\n${proxy}`,
  `header {\nAccess-Control-Allow-Origin *\nAccess-Control-Allow-Methods *\nAccess-Control-Allow-Headers *\nAccess-Control-Expose-Headers "ETag, X-A"\ndefer\n}\n${preflights}\n${proxy}`,
  `header ?Access-Control-Allow-Origin ${NAMED}\n${proxy}`,
  `header +Access-Control-Allow-Origin ${NAMED}\nheader +Access-Control-Allow-Origin *\n${proxy}`,
  `header Access-Control-Allow-Origin *\nheader -Access-Control-Allow-Origin\n${proxy}`,
  `@x# {\nmethod OPTIONS\nheader Origin ${NAMED}\nheader Access-Control-Request-Method *\n}\nhandle @x# {\nheader {\nAccess-Control-Allow-Origin ${NAMED}\nAccess-Control-Allow-Methods "PUT, PATCH"\nAccess-Control-Allow-Headers {header.Access-Control-Request-Headers}\n}\nrespond 204\n}\nhandle {\nheader Access-Control-Allow-Origin ${NAMED}\n${proxy}\n}`,
  `reverse_proxy 127.0.0.1:{behind} {\nheader_down Access-Control-Allow-Origin ${NAMED}\n}`,
  `route {\nheader Access-Control-Allow-Origin *\nrespond 200\nheader Access-Control-Allow-Origin ${NAMED}\n}`,
  `header X-A b\n${proxy}`,
  `header Access-Control-Allow-Origin *\nrespond "no" 403`,
];

/** @param {number} port @param {number} behind */
export function program(port, behind) {
  const own = (/** @type {string} */ body, /** @type {number} */ index) =>
    body.replaceAll("#", String(index)).replaceAll("{behind}", String(behind));
  const handles = CONFIGURATIONS.map((body, index) => `handle /c${index}/* {\n${own(body, index)}\n}`);
  return `{
admin off
auto_https off
}
(cors) {
@cors{args.1} header Origin {args.0}
header @cors{args.1} Access-Control-Allow-Origin {args.0}
header @cors{args.1} Access-Control-Expose-Headers ETag
}
http://:${port} {
bind 127.0.0.1
${handles.join("\n")}
}
`;
}
