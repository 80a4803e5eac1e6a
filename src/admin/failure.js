// What keeps the records has not answered as it should. The log has what it said; whoever asked for the report hears
// neither that nor the statement.

import { Late } from "../platform/deadline.js";
import { textOf, warn } from "./log.js";
import { Problem } from "./problem.js";
import { TooLong } from "./read-text.js";

const TITLE = "The records cannot be read";
const LOG = "The Worker's log has more.";

export class BackEndFailed extends Error {
  /**
   * @param {number} status 502, 503 or 504
   * @param {string} sentence for who asked
   * @param {string} detail for the log
   */
  constructor(status, sentence, detail) {
    super(detail);
    this.status = status;
    this.sentence = sentence;
  }

  /** It answers with more than can be read. @param {number} most */
  static tooLong(most) {
    return new BackEndFailed(
      502,
      "It answers with more than there is room for: ask for less.",
      `more than ${most} bytes`,
    );
  }

  /** Whatever was thrown on the way there and back. @param {unknown} error */
  static of(error) {
    if (error instanceof BackEndFailed) return error;
    if (error instanceof Late) return new BackEndFailed(504, "It took too long: ask for less.", error.message);
    if (error instanceof TooLong) return BackEndFailed.tooLong(error.most);
    // What the platform says of its objects and bindings: the same may work in a moment.
    const { retryable, overloaded } = /** @type {{ retryable?: boolean, overloaded?: boolean }} */ (error ?? {});
    if (retryable || overloaded) return new BackEndFailed(503, "Try again in a moment.", String(error));
    return new BackEndFailed(502, "It failed, or cannot be reached.", String(error));
  }

  /**
   * Says in the log what it was.
   *
   * @param {ExecutionContext} context
   * @param {{ source: string, secret?: string }} backEnd
   * @returns {Problem} for who asked
   */
  told(context, { source, secret }) {
    const { status, sentence, message } = this;
    // Whoever answers at the other end may say what it was sent. Cut first, a part of it would stay.
    const error = textOf(secret === undefined ? message : message.replaceAll(secret, "…"));
    warn(context, "report_failed", { source, error });
    return new Problem(status, "report_failed", TITLE, `${sentence} ${LOG}`);
  }
}
