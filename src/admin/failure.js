// A failure of the source of records. Its error goes to the log; the client that asked for the report sees neither the
// error nor the statement.

import { Late } from "../platform/deadline.js";
import { textOf, warn } from "./log.js";
import { Problem } from "./problem.js";
import { TooLong } from "./read-text.js";

const TITLE = "The records cannot be read";
const LOG = "The Worker's log has more.";

export class BackEndFailed extends Error {
  /**
   * @param {number} status 502, 503 or 504
   * @param {string} sentence for the client
   * @param {string} detail for the log
   */
  constructor(status, sentence, detail) {
    super(detail);
    this.status = status;
    this.sentence = sentence;
  }

  /** The answer is longer than `most` bytes. @param {number} most */
  static tooLong(most) {
    return new BackEndFailed(
      502,
      "It answers with more than there is room for: ask for less.",
      `more than ${most} bytes`,
    );
  }

  /** From any error thrown while the source was queried. @param {unknown} error */
  static of(error) {
    if (error instanceof BackEndFailed) return error;
    if (error instanceof Late) return new BackEndFailed(504, "It took too long: ask for less.", error.message);
    if (error instanceof TooLong) return BackEndFailed.tooLong(error.most);
    // The platform sets these on errors of objects and bindings: the same call may work in a moment.
    const { retryable, overloaded } = /** @type {{ retryable?: boolean, overloaded?: boolean }} */ (error ?? {});
    if (retryable || overloaded) return new BackEndFailed(503, "Try again in a moment.", String(error));
    return new BackEndFailed(502, "It failed, or cannot be reached.", String(error));
  }

  /**
   * Logs the failure.
   *
   * @param {ExecutionContext} context
   * @param {{ source: string, secret?: string }} backEnd
   * @returns {Problem} for the client
   */
  told(context, { source, secret }) {
    const { status, sentence, message } = this;
    // The source may echo the secret. Replace it before `textOf` cuts the text, or a part of it could remain.
    const error = textOf(secret === undefined ? message : message.replaceAll(secret, "…"));
    warn(context, "report_failed", { source, error });
    return new Problem(status, "report_failed", TITLE, `${sentence} ${LOG}`);
  }
}
