// Configurations of nginx as people write them. `$v` is a variable of each, `@` the name of its path.

const NAMED = "https://app.example.com";
const preflight = (/** @type {string} */ headers) => `if ($request_method = OPTIONS) { ${headers} return 204; }`;
const proxy = "proxy_pass http://behind;";
const allow = (/** @type {string} */ value, always = "always") =>
  `add_header Access-Control-Allow-Origin ${value} ${always};`;
const lists = (methods = '"GET, PUT, DELETE"', headers = '"Content-Type, Authorization"') =>
  `add_header Access-Control-Allow-Methods ${methods}; add_header Access-Control-Allow-Headers ${headers};`;
const credentials = "add_header Access-Control-Allow-Credentials true always;";
const both = (/** @type {string} */ value, more = "") =>
  `${allow(value)} ${more} ${lists()} ${preflight(`${allow(value)} ${more} ${lists()}`)} ${proxy}`;
const map = (/** @type {string} */ entries, options = "") => `map $http_origin $v { ${options} ${entries} }`;

/** @typedef {{ map?: string, beside?: string, body: string, modifier?: string }} Configuration */

/** @type {Configuration[]} */
export const CONFIGURATIONS = [
  { body: both("*") },
  { body: both(`"${NAMED}"`) },
  { body: both(`"${NAMED}"`, credentials) },
  { body: both("$http_origin") },
  { body: both("$http_origin", credentials) },
  {
    body: both("$v", credentials),
    map: map(`"${NAMED}" $http_origin; "https://admin.example.com:8443" $http_origin;`),
  },
  { body: both("$v"), map: map(`default "https://www.example.com"; ~^https://(.+\\.)?example\\.com$ $http_origin;`) },
  { body: both("$v", credentials), map: map(`~*^https://(.+\\.)?example\\.com$ $http_origin;`) },
  { body: both("$v"), map: map(`~example\\.com$ $http_origin;`) },
  { body: both("$v"), map: map(`"~^https://app.example.com$" $http_origin;`) },
  { body: both("$v"), map: map(`"~^(?<o>https://\\w+\\.example\\.com)$" $o;`) },
  { body: both("$v"), map: map(`default "*"; https://evil.example "";`) },
  { body: both("$v"), map: map(`*.example.com $http_origin;`, "hostnames;") },
  { body: both("$v"), map: map(`https://www.example.* $http_origin; default "";`, "hostnames;") },
  { body: both("$v"), map: map(`~^https://app\\. ""; ~^https://.+\\.example\\.com$ $http_origin;`) },
  { body: both("$v", credentials), map: map(`~^https://(app|www)\\.example\\.com$ $http_origin; null null;`) },
  {
    body: `set $v ""; if ($http_origin ~* "^https?://(localhost|app\\.example\\.com)(:[0-9]+)?$") { set $v "true"; }
      if ($request_method = OPTIONS) { set $v "\${v}preflight"; }
      if ($v = "true") { ${allow('"$http_origin"')} ${credentials} }
      if ($v = "truepreflight") { ${allow('"$http_origin"')} ${credentials} ${lists()} return 204; } ${proxy}`,
  },
  {
    body: `if ($request_method = 'OPTIONS') { ${allow("'*'", "")} ${lists("'GET, POST, OPTIONS'")}
        add_header Access-Control-Max-Age 1728000; add_header Content-Length 0; return 204; }
      if ($request_method = 'POST') { ${allow("'*'")} add_header Access-Control-Expose-Headers 'Content-Range' always; }
      if ($request_method = 'GET') { ${allow("'*'")} add_header Access-Control-Expose-Headers 'Content-Range' always; }
      ${proxy}`,
  },
  {
    body: `if ($http_origin ~* (https?://[^/]*\\.example\\.com(:[0-9]+)?)$) { ${both("$http_origin").replace(/if .*/su, "")} } ${proxy}`,
  },
  { body: `if ($http_origin = "${NAMED}") { ${allow('"$http_origin"')} ${lists()} } ${proxy}` },
  { body: `if ($http_origin !~ "^https://app\\.example\\.com$") { return 403; } ${both("$http_origin")}` },
  { body: `${allow("$http_origin")} ${lists()} ${proxy}` },
  {
    body: `${allow("$http_origin", "")} ${lists("*", "*")} ${preflight(`${allow("*", "")} ${lists("*", "*")}`)} ${proxy}`,
  },
  {
    body: `${allow("$http_origin")} ${credentials} ${preflight(`${allow("$http_origin")} ${credentials} ${lists('"PUT, QUERY"', "$http_access_control_request_headers")}`)} ${proxy}`,
  },
  {
    body: `${allow("$http_origin")} ${preflight(`${allow("$http_origin")} ${lists("$http_access_control_request_method", "$http_access_control_request_headers")}`)} ${proxy}`,
  },
  { body: `${allow("*")} ${preflight("return 403;").replace("return 204;", "")} ${proxy}` },
  { body: `${allow("*")} ${preflight("add_header X-A b;")} ${proxy}` },
  { body: `${allow("*")} ${preflight(`${allow('"https://www.example.com"')} ${lists()}`)} ${proxy}` },
  { body: `${allow("$http_origin")} ${credentials} ${preflight(`${allow("$http_origin")} ${lists()}`)} ${proxy}` },
  { body: `${allow("*")} ${allow(`"${NAMED}"`)} ${proxy}` },
  { body: `${allow(`"${NAMED}, https://www.example.com"`)} ${proxy}` },
  {
    body: `${allow(`"${NAMED}"`)} limit_except GET POST OPTIONS { deny all; } ${preflight(`${allow(`"${NAMED}"`)} ${lists()}`)} ${proxy}`,
  },
  { body: `add_header X-Frame-Options DENY; ${proxy}` },
  { body: proxy },
  { body: `return 200 "ok"; ${allow("*")}` },
  { body: `return 418 "no"; ${allow("*", "")}` },
  { body: `if ($arg_x) { ${allow("*")} } ${allow(`"${NAMED}"`)} ${proxy}` },
  {
    body: `${allow("$v")} ${lists()} ${proxy}`,
    map: 'map $http_origin$request_method $v { "https://app.example.comGET" $http_origin; }',
  },
  { body: `${allow("$v")} ${lists()} ${proxy}`, map: "map $request_method $v { GET *; POST $http_origin; }" },
  {
    body: both("$v", "add_header Access-Control-Expose-Headers 'ETag, X-A' always;"),
    modifier: "^~",
    map: map(`~^(https://app\\.example\\.com)$ $1;`),
  },
  // An expression comes before every prefix without `^~`, and the first of several before the others.
  { body: both("*"), beside: `location ~ ^/@/ { ${both(`"${NAMED}"`)} }` },
  { body: both("*"), beside: `location ~ ^/(@)/ { ${proxy} } location ~ ^/@/ { ${both("*")} }` },
  { body: both(`"${NAMED}"`), modifier: "^~", beside: `location ~ ^/@/ { ${both("*")} }` },
];

/** @param {number} port @param {number} behind */
export function program(port, behind) {
  const own = (/** @type {string} */ text, /** @type {number} */ index) =>
    text.replaceAll("$v", `$v${index}`).replaceAll("{v}", `{v${index}}`);
  const maps = CONFIGURATIONS.map(({ map }, index) => own(map ?? "", index));
  const locations = CONFIGURATIONS.map(
    ({ modifier = "", body, beside = "" }, index) =>
      `    location ${modifier} /c${index}/ {\n      ${own(body, index)}\n    }\n    ${own(beside, index).replaceAll("@", `c${index}`)}`,
  );
  return `daemon off;
pid nginx.pid;
events {}
http {
  access_log off;
  map_hash_bucket_size 128;
  upstream behind { server 127.0.0.1:${behind}; }
  # What a location does not replace.
  add_header Access-Control-Allow-Origin "https://www.example.com";
${maps.join("\n")}
  server {
    listen 127.0.0.1:${port};
${locations.join("\n")}
  }
}
`;
}
