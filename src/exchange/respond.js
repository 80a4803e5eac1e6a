// Responses by the gateway itself.

import { readHeaders } from "../wire/headers.js";

// There are few different ones: one for each origin and route, or reason and route. Copying one costs the platform less
// than half as much as making it from names and values.
/** @type {Map<string, Response>} */
const templates = new Map();
const MOST_TEMPLATES = 500;

/**
 * @param {number} status
 * @param {string} headers
 * @param {string | undefined} body
 */
export function respond(status, headers, body) {
  let template = templates.get(headers);
  if (template?.status !== status) {
    if (templates.size >= MOST_TEMPLATES) templates.clear();
    template = new Response(null, { status, headers: readHeaders(headers) });
    templates.set(headers, template);
  }
  return new Response(body, template);
}
