// nginx, as people configure it: each name is a server on a port of its own, in front of an upstream without CORS
// headers and one with its own.

const APP = "https://app.example.com";

/**
 * Headers on every answer; `origin` is a value of nginx's language.
 *
 * @param {string} origin
 * @param {{ always?: string, vary?: boolean, headers?: string, credentials?: string }} more
 */
const add = (
  origin,
  { always = " always", vary = true, headers = "content-type", credentials = "$credentials" } = {},
) => `
  add_header Access-Control-Allow-Origin ${origin}${always};
  add_header Access-Control-Allow-Credentials ${credentials}${always};
  add_header Access-Control-Allow-Methods "GET, PUT"${always};
  add_header Access-Control-Allow-Headers "${headers}"${always};
  ${vary ? `add_header Vary Origin${always};` : ""}`;

/** Answers preflights here, and passes everything else on. @param {string} fields @param {string} [behind] */
const guarded = (fields, behind = "plain") => `
  location / {
    ${fields}
    if ($request_method = OPTIONS) { return 204; }
    proxy_pass http://${behind};
  }`;

/**
 * @typedef {object} Configuration
 * @property {string} body what stands in `server`
 * @property {Record<string, string>} map of the origin, to what is allowed; `$allowed` is its result
 */

/** @type {Record<string, Configuration>} */
const configurations = {
  correct: { map: { [`"${APP}"`]: APP }, body: guarded(add("$allowed")) },
  "correct, one origin": { map: {}, body: guarded(add(`"${APP}"`, { vary: false, credentials: "true" })) },
  "any origin": { map: { default: "$http_origin" }, body: guarded(add("$allowed")) },
  null: { map: { [`"${APP}"`]: APP, '"null"': "null" }, body: guarded(add("$allowed")) },
  "a pattern without anchors": { map: { '"~app\\.example\\.com"': "$http_origin" }, body: guarded(add("$allowed")) },
  "a pattern without an end": {
    map: { '"~^https://app\\.example\\.com"': "$http_origin" },
    body: guarded(add("$allowed")),
  },
  "a dot that is not escaped": {
    map: { '"~^https://app.example.com$"': "$http_origin" },
    body: guarded(add("$allowed")),
  },
  "http too": { map: { '"~^https?://app\\.example\\.com$"': "$http_origin" }, body: guarded(add("$allowed")) },
  "any port": { map: { '"~^https://app\\.example\\.com(:[0-9]+)?$"': "$http_origin" }, body: guarded(add("$allowed")) },
  "any subdomain": {
    map: { '"~^https://([a-z.]+\\.)?example\\.com$"': "$http_origin" },
    body: guarded(add("$allowed")),
  },
  "any case": { map: { '"~*^https://app\\.example\\.com$"': "$http_origin" }, body: guarded(add("$allowed")) },
  "* with credentials": { map: {}, body: guarded(add('"*"', { vary: false, credentials: "true" })) },
  "no Vary": { map: { [`"${APP}"`]: APP }, body: guarded(add("$allowed", { vary: false })) },
  "no `always`": { map: { [`"${APP}"`]: APP }, body: guarded(add("$allowed", { always: "" }), "failing") },
  "nginx and what is behind": { map: { [`"${APP}"`]: APP }, body: guarded(add("$allowed"), "own_headers") },
  "two origins in one value": {
    map: {},
    body: guarded(add(`"${APP} https://b.example"`, { vary: false, credentials: "true" })),
  },
  "* for headers": { map: { [`"${APP}"`]: APP }, body: guarded(add("$allowed", { headers: "*" })) },
  "names without a comma": {
    map: { [`"${APP}"`]: APP },
    body: guarded(add("$allowed", { headers: "content-type authorization" })),
  },
  "reflected headers": {
    map: { [`"${APP}"`]: APP },
    body: guarded(add("$allowed", { headers: "$http_access_control_request_headers" })),
  },
  "files alone": {
    map: { [`"${APP}"`]: APP },
    body: `location / { ${add("$allowed")} root @FOLDER@; try_files /data =404; }`,
  },
  "headers lost in `if`": {
    map: { [`"${APP}"`]: APP },
    body: guarded(add("$allowed")).replace("{ return 204; }", "{ add_header Content-Length 0; return 204; }"),
  },
  "to https first": {
    map: { [`"${APP}"`]: APP },
    body: `location / { ${add("$allowed")} if ($request_method = OPTIONS) { return 301 https://$host$request_uri; } proxy_pass http://plain; }`,
  },
  "a password first": {
    map: { [`"${APP}"`]: APP },
    body: `location / { ${add("$allowed")} auth_basic "API"; auth_basic_user_file @FOLDER@/nobody; proxy_pass http://plain; }`,
  },
};

/** The number of ports: one for each configuration, and three for the upstreams. */
export const needed = Object.keys(configurations).length + 3;

/**
 * @param {string} folder for all that nginx writes; `data` and `nobody` are read from it
 * @param {number[]} ports
 * @returns {{ text: string, ports: Record<string, number> }}
 */
export function configuration(folder, ports) {
  const [plain, failing, own, ...free] = ports;
  const names = Object.keys(configurations);
  const servers = names.map((name, at) => {
    const { map, body } = configurations[name];
    const lines = Object.entries(map).map(([from, to]) => `    ${from} "${to}";`);
    const own = body.replaceAll("$allowed", `$allowed_${at}`).replaceAll("$credentials", `$credentials_${at}`);
    return `
  map $http_origin $allowed_${at} {
    volatile;
${"default" in map ? "" : '    default "";\n'}${lines.join("\n")}
  }
  map $allowed_${at} $credentials_${at} { "" ""; default "true"; }
  server { listen 127.0.0.1:${free[at]}; ${own.replaceAll("@FOLDER@", folder)} }`;
  });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const text = `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  large_client_header_buffers 4 16k;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  upstream plain { server 127.0.0.1:${plain}; }
  upstream failing { server 127.0.0.1:${failing}; }
  upstream own_headers { server 127.0.0.1:${own}; }
  server { listen 127.0.0.1:${plain}; return 200 "plain"; }
  server { listen 127.0.0.1:${failing}; return 404 "nothing"; }
  server { listen 127.0.0.1:${own}; add_header Access-Control-Allow-Origin ${APP} always; return 200 "own"; }
  ${servers.join("\n")}
}
`;
  return { text, ports: Object.fromEntries(names.map((name, at) => [name, free[at]])) };
}
