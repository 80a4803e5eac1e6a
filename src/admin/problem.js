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
   * @param {Record<string, string>} [members] further ones of the document
   */
  constructor(status, slug, title, detail, headers = {}, members = {}) {
    super(detail);
    this.members = members;
    this.status = status;
    this.slug = slug;
    this.title = title;
    this.headers = headers;
  }

  /** @returns {Response} */
  answer() {
    const { status, slug, title, message: detail, headers, members } = this;
    const document = { ...documentOf(status, slug, title, detail), ...members };
    return respond(status, JSON.stringify(document), PROBLEM, headers);
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

/** An unexpected error: the log has it, and the client does not see it. */
export function adminFailed() {
  const detail = "Something went wrong that should not have. The Worker's log has what.";
  return new Problem(500, "admin_failed", "The gateway failed", detail);
}

/** @param {string[]} methods that the path has */
export function notAllowed(methods) {
  const detail = `Use ${methods.join(" or ")}.`;
  return new Problem(405, "method_not_allowed", "Method not allowed", detail, { allow: methods.join(", ") });
}
