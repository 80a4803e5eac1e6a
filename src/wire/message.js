// The common form of all messages between Rust and JavaScript, which `wire.rs` describes.

/** A message that does not have the form of this build. */
export class MalformedMessage extends Error {
  /** @param {string} name of the message */
  constructor(name) {
    super(`the message \`${name}\` does not have the form of this build`);
    this.name = "MalformedMessage";
  }
}

/**
 * An optional value. An absent value is an empty line. A present value begins with `=`, even if it is empty.
 *
 * @param {string | null} value
 */
export const optional = (value) => (value === null ? "" : "=" + value);

/** @param {boolean} flag */
export const flag = (flag) => (flag ? "=" : "");

/**
 * The lines of a message after the first.
 *
 * @param {string} message
 * @param {string} head the first line: name and version
 * @param {number} count how many there must be
 * @returns {string[]}
 * @throws {MalformedMessage}
 */
export function valuesOf(message, head, count) {
  const [first, ...values] = message.split("\n");
  if (first !== head || values.length !== count) throw new MalformedMessage(nameOf(head));
  return values;
}

/** @param {string} head */
export const nameOf = (head) => head.slice(0, head.indexOf(" "));
