// What is answered in place of what was asked for: problems of RFC 9457, like the gateway's own.

import { respond } from "./respond.js";

/** Something that ends a request with a problem, from wherever it is found out. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} slug the end of its type
   * @param {string} title
   * @param {string} detail a sentence for who asked: what to do about it
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

/** There is no such thing on this host; also what a host says that has no admin API. */
export function notFound() {
  return new Problem(404, "not_found", "There is nothing here", "Nothing on this host has this address.");
}
