// One request. Not by `fetch`, which sends no other Host than the URL's.

import http from "node:http";

/** Connections stay open, so that only the first request waits for one. */
const AGENT = new http.Agent({ keepAlive: true });

/**
 * @typedef {object} Asked
 * @property {string} path
 * @property {string} method
 * @property {Record<string, string>} headers
 * @property {number} status of the answer
 */

/**
 * Sends a request and reads the answer to its end.
 *
 * @param {string} origin of the server
 * @param {Asked} asked
 * @param {Record<string, string>} [more] headers
 * @returns {Promise<void>} rejected if the answer has another status: a comparison would compare nothing
 */
export function ask(origin, { path, method, headers, status }, more = {}) {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, ...more }, agent: AGENT };
    const request = http.request(origin + path, options, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === status) resolve();
        else reject(new Error(`${method} ${path}: ${response.statusCode}, not ${status}`));
      });
    });
    request.on("error", reject).end();
  });
}
