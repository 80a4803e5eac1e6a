// Errors of the admin API: problems (RFC 9457), like those of the gateway.

import { respond } from "./respond.js";

/** Thrown anywhere to end a request with a problem. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} slug the end of its type
   * @param {string} title
   * @param {string} detail a sentence for the client: what to do about it
   * @param {Record<string, string>} [headers]
   */
  constructor(status, slug, title, detail, headers = {}) {
    super(detail);
    this.status = status;
    this.slug = slug;
    this.title = title;
    this.headers = headers;
  }

  /** @returns {Response} */
  answer() {
    const { status, slug, title, message: detail, headers } = this;
    return respond(status, JSON.stringify(documentOf(status, slug, title, detail)), PROBLEM, headers);
  }
}

/**
 * The members of a problem (RFC 9457); the parameters are those of `Problem`.
 *
 * @param {number} status
 * @param {string} slug
 * @param {string} title
 * @param {string} detail
 */
export function documentOf(status, slug, title, detail) {
  return { type: `https://corsgate.invalid/problems/${slug}`, title, status, detail };
}

/** The media type of problems. */
export const PROBLEM = "application/problem+json";

/** There is no such path on this host. A host without an admin API answers the same. */
export function notFound() {
  return new Problem(404, "not_found", "There is nothing here", "Nothing on this host has this address.");
}
