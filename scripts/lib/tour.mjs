// The output of `npm start`: a command for each thing the gateway does, and what to look for in the response.

import { anotherLink } from "./console-link.mjs";

const APP = "-H 'Origin: http://localhost:5173'";
const STRANGER = "-H 'Origin: https://evil.example'";
const PARTNER = "-H 'Origin: https://partner.example'";
const PREFLIGHT = "-X OPTIONS -H 'Access-Control-Request-Method:";
const HANDSHAKE =
  "--http1.1 -m 2 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' " +
  "-H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='";

/** Shows the rows of a report as a table. */
const AS_TABLE = `node -e 'console.table(JSON.parse(require("fs").readFileSync(0)).rows)'`;

/**
 * @param {string} gateway its address
 * @param {string} changeList the line that changes the list of partners while the gateway runs
 * @param {{ url: string, token: string }} admin where the admin host is, and what signs in
 * @returns {string}
 */
export function tour(gateway, changeList, admin) {
  const ask = `curl -s -H 'Authorization: Bearer ${admin.token}'`;
  const question = `{"url":"${gateway}/json","origin":"https://evil.example"}`;
  const stops = [
    ["allowed: Access-Control-Allow-Origin is the origin, Vary names Origin", `curl -i ${APP} ${gateway}/json`],
    ["refused: 403, and the reason in Corsgate-Decision and the body", `curl -i ${STRANGER} ${gateway}/json`],
    ["preflight: 204 with all that is allowed", `curl -i ${APP} ${PREFLIGHT} PUT' ${gateway}/echo`],
    ["preflight, another method: 204, reason=method_not_allowed", `curl -i ${APP} ${PREFLIGHT} LINK' ${gateway}/echo`],
    ["Server-Sent Events, each as it comes (Ctrl-C ends it)", `curl -iN ${APP} ${gateway}/events`],
    [
      "the same, refused: Access-Control-Allow-Origin spells the reason for the console",
      `curl -i ${STRANGER} ${gateway}/events`,
    ],
    ["WebSocket: 101, upgraded (curl gives up after 2 s)", `curl -i ${HANDSHAKE} ${APP} ${gateway}/ws`],
    ["WebSocket from elsewhere: 403, the API hears nothing of it", `curl -i ${HANDSHAKE} ${STRANGER} ${gateway}/ws`],
    ["a path that could be read in two ways: 400 path_ambiguous", `curl -i --path-as-is ${APP} ${gateway}/error%2f404`],
    ["an error of the API, readable for the page", `curl -i ${APP} ${gateway}/error/503`],
    ["a timeout of 2 s: 504, readable for any page", `curl -i ${STRANGER} '${gateway}/slow?ms=4000'`],
    ["a redirect: Location is the gateway's, not the API's", `curl -i ${APP} ${gateway}/redirect`],
    ["CORS headers that the API gets wrong: replaced", `curl -i ${APP} ${gateway}/wrong-cors`],
    ["the same from elsewhere: forwarded, and stripped", `curl -i ${STRANGER} ${gateway}/wrong-cors`],
    [
      "a limit of 5 a minute: the sixth gets 429, RateLimit and Retry-After say when to come again",
      `for i in 1 2 3 4 5 6; do curl -si ${APP} ${gateway}/limited | grep -iE '^(HTTP|ratelimit|retry)'; done`,
    ],
    [
      "a route that only reports: forwarded, and the line that follows here says would_reject",
      `curl -i ${STRANGER} ${gateway}/report/x`,
    ],
    ["a list in KV allows this partner …", `curl -i ${PARTNER} ${gateway}/echo`],
    ["… until the list says otherwise; within seconds the same request then gets 403", changeList],
    [
      "what was refused so far, the most refused first",
      `${ask} '${admin.url}/api/report/top?by=origin,reason,route' | ${AS_TABLE}`,
    ],
    ["what the gateway would decide, check by check", `${ask} --json '${question}' ${admin.url}/api/explain`],
    ["policy, lists, limits and store as the gateway has them", `${ask} ${admin.url}/api/status`],
    ["another link to the console, which signs in once, within a minute", anotherLink(admin.url, admin.token)],
  ];
  return stops.map(([comment, line]) => `# ${comment}\n${line}\n`).join("\n");
}
