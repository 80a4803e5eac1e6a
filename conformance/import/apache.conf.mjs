// Configurations of Apache as people write them, each a `<Location>` of its own; `@` is its number.

const NAMED = "https://app.example.com";
const allow = (/** @type {string} */ value, more = "") =>
  `Header always set Access-Control-Allow-Origin "${value}" ${more}\n`;
const lists = (methods = "GET, PUT, DELETE", headers = "Content-Type, Authorization") =>
  `Header always set Access-Control-Allow-Methods "${methods}"\nHeader always set Access-Control-Allow-Headers "${headers}"\n`;
const credentials = (more = "") => `Header always set Access-Control-Allow-Credentials "true" ${more}\n`;
const preflights = "RewriteEngine On\nRewriteCond %{REQUEST_METHOD} OPTIONS\nRewriteRule ^(.*)$ - [R=204,L]\n";
const byOrigin = (/** @type {string} */ expression, value = "$0") => `SetEnvIf Origin "${expression}" O@=${value}\n`;
const matched = `${allow("%{O@}e", "env=O@")}${credentials("env=O@")}`;

/** @type {string[]} */
export const CONFIGURATIONS = [
  `Header set Access-Control-Allow-Origin "*"\n`,
  `${allow("*")}${lists()}${preflights}`,
  `${allow(NAMED)}${lists()}${preflights}`,
  `${allow(NAMED)}${credentials()}${lists()}${preflights}`,
  `Header set Access-Control-Allow-Origin "${NAMED}"\n${lists()}${preflights}`,
  `${byOrigin("^https://(app|www)\\.example\\.com$")}${matched}${lists()}${preflights}`,
  `${byOrigin("^https://(.+\\.)?example\\.com$")}${matched}${lists()}${preflights}`,
  `${byOrigin("^(https://([a-z0-9-]+\\.)+example\\.com)$", "$1")}${matched}${lists()}`,
  `${byOrigin("https?://(www\\.)?(example.com|app.example.com)$")}${matched}${lists()}${preflights}`,
  `${byOrigin("^https://app\\.example\\.com")}${matched}`,
  `${byOrigin("^https://(\\w+)\\.example\\.com$", "$1")}${matched}`,
  `${byOrigin(".*")}${allow("%{O@}e", "env=O@")}${lists()}${preflights}`,
  `SetEnvIfNoCase Origin "^HTTPS://APP\\.EXAMPLE\\.COM$" O@=$0\n${matched}${lists()}${preflights}`,
  `Header set Access-Control-Allow-Origin "%{UNSET}e"\n`,
  `Header always set Access-Control-Allow-Origin "expr=%{req:Origin}" "expr=%{req:Origin} =~ m#^https://.+\\.example\\.com$#"\n${lists()}${preflights}`,
  `Header always set Access-Control-Allow-Origin "${NAMED}" "expr=%{HTTP:Origin} == '${NAMED}' || %{HTTP:Origin} == 'https://www.example.com'"\n`,
  `<If "%{HTTP:Origin} in {'${NAMED}', 'https://www.example.com'}">\n${allow("expr=%{HTTP:Origin}")}${credentials()}${lists()}</If>\n`,
  `${allow("*")}Header add Access-Control-Allow-Origin "${NAMED}"\n`,
  `${allow(NAMED)}Header always append Access-Control-Allow-Origin "https://www.example.com"\n`,
  `${allow(NAMED)}Header always unset Access-Control-Allow-Origin\n`,
  `${allow("*")}${lists("*", "*")}Header always set Access-Control-Expose-Headers "ETag, X-A"\n${preflights}`,
  `RewriteEngine On\nRewriteCond %{HTTP:Origin} ^(https://app\\.example\\.com)$\nRewriteRule .* - [E=O@:%1]\n${allow("%{O@}e", "env=O@")}`,
  `${allow("*")}RewriteEngine On\nRewriteCond %{REQUEST_METHOD} =OPTIONS\nRewriteRule ^ - [F]\n`,
  `${allow(NAMED)}Header always set Access-Control-Max-Age "600"\nHeader always merge Access-Control-Allow-Methods "PUT"\nHeader always merge Access-Control-Allow-Methods "DELETE"\n`,
  "Header set X-A b\n",
];

/** @param {number} _port @param {number} behind */
export function program(_port, behind) {
  const locations = CONFIGURATIONS.map(
    (body, index) => `<Location "/c${index}">\n${body.replaceAll("@", String(index))}</Location>`,
  );
  return `${locations.join("\n")}
ProxyPass "/" "http://127.0.0.1:${behind}/"
`;
}
