// Reads an untrusted body up to a maximum length.

/** The body is longer than the maximum. */
export class TooLong extends Error {
  /** @param {number} most bytes */
  constructor(most) {
    super(`more than ${most} bytes`);
    this.name = "TooLong";
    this.most = most;
  }
}

/**
 * @param {Request | Response} message
 * @param {number} most bytes
 * @returns {Promise<string>} rejected with `TooLong`, or with a `TypeError` if the body is not UTF-8
 */
export async function readText({ body }, most) {
  if (body === null) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  const texts = [];
  let length = 0;
  // Leaving the loop early cancels the rest of the body.
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > most) throw new TooLong(most);
    texts.push(decoder.decode(chunk, { stream: true }));
  }
  texts.push(decoder.decode());
  return texts.join("");
}
