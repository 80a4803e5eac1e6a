// A client that sends exactly the bytes it is given and shows exactly what comes back: header lines in their order,
// duplicates and all. Every other client repairs requests and joins headers, which are the things under test.

import net from "node:net";
import { ByteReader } from "./byte-reader.mjs";

/** Only a failure takes as long. */
const TIMEOUT_MILLISECONDS = 60_000;

/** The head of a response. */
export class Head {
  /**
   * @param {number} status
   * @param {[string, string][]} headers names as they came, in order
   * @param {string} reason the text behind the status
   */
  constructor(status, headers, reason) {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
    /** @type {[string, string][]} what followed a chunked body, once that has been read */
    this.trailers = [];
  }

  /** @param {string} name @returns {string[]} the value of every line of that name */
  all(name) {
    return this.headers.filter(([other]) => other.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  }

  /** @param {string} name @returns {string | undefined} the only value; fails when there are several lines */
  get(name) {
    const values = this.all(name);
    if (values.length > 1) throw new Error(`${values.length} lines of ${name}: ${values.join(" | ")}`);
    return values[0];
  }
}

/** @typedef {Head & { body: Buffer, text: string }} Answer */
/** @typedef {[string, string][] | Record<string, string>} HeaderLines as lines, where one name comes twice */

/**
 * @typedef {object} RequestParts
 * @property {string} [method]
 * @property {string} [target]
 * @property {HeaderLines} [headers]
 * @property {string | Buffer} [body] its length is not added to the headers
 */

/**
 * Writes a request down.
 *
 * @param {RequestParts} parts
 * @returns {Buffer} without a `Host` nobody answers; one is not added here
 */
export function requestBytes({ method = "GET", target = "/", headers = {}, body = "" }) {
  const lines = Array.isArray(headers) ? headers : Object.entries(headers);
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${target} HTTP/1.1\r\n${fields.join("")}\r\n`;
  // One byte for each character, so that a test can write bytes that no encoding would give.
  return Buffer.concat([Buffer.from(head, "latin1"), typeof body === "string" ? Buffer.from(body) : body]);
}

/**
 * Sends the bytes and reads one whole response.
 *
 * @param {number} port
 * @param {Buffer | string} bytes
 * @param {{ timeout?: number }} [options]
 * @returns {Promise<Answer>}
 */
export async function exchange(port, bytes, options) {
  const stream = await open(port, bytes, options);
  try {
    return await wholeAnswer(stream);
  } finally {
    stream.close();
  }
}

/**
 * Sends the bytes and returns once the head is there. The chunks come as they arrive (after a 101, the frames of the
 * other side); `close` hangs up.
 *
 * @param {number} port
 * @param {Buffer | string} bytes
 * @param {{ timeout?: number }} [options] the timeout is for each wait, not for the whole
 * @returns {Promise<{ head: Head, chunks: AsyncGenerator<Buffer>, socket: net.Socket, close: () => void }>}
 */
export async function open(port, bytes, { timeout = TIMEOUT_MILLISECONDS } = {}) {
  const sent = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  const socket = net.connect(port, "127.0.0.1");
  const reader = new ByteReader(socket, timeout);
  socket.write(sent);
  try {
    return { ...(await readResponse(reader, sent)), socket, close: () => socket.destroy() };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Reads one response, as far as its head.
 *
 * @param {ByteReader} reader
 * @param {Buffer} sent the request, whose method says whether a body follows
 * @returns {Promise<{ head: Head, chunks: AsyncGenerator<Buffer> }>}
 */
export async function readResponse(reader, sent) {
  let head = await readHead(reader);
  while (head.status >= 100 && head.status < 200 && head.status !== 101) head = await readHead(reader);
  const isEmpty = sent.toString("latin1", 0, 5) === "HEAD " || [204, 304].includes(head.status);
  return { head, chunks: isEmpty ? nothing() : bodyOf(head, reader) };
}

/**
 * Reads a whole body.
 *
 * @param {{ head: Head, chunks: AsyncGenerator<Buffer> }} response
 * @returns {Promise<Answer>}
 */
export async function wholeAnswer({ head, chunks }) {
  const read = [];
  for await (const chunk of chunks) read.push(chunk);
  const body = Buffer.concat(read);
  return Object.assign(head, { body, text: body.toString("utf8") });
}

/** @param {ByteReader} reader */
async function readHead(reader) {
  const [, status, reason] = (await reader.line()).match(/^HTTP\/1\.[01] (\d{3}) ?(.*)/) ?? [];
  if (status === undefined) throw new Error("not an HTTP response");
  return new Head(Number(status), await readFields(reader), reason);
}

/** Header or trailer lines, up to and with the empty one. @param {ByteReader} reader */
async function readFields(reader) {
  /** @type {[string, string][]} */
  const headers = [];
  for (let line = await reader.line(); line !== ""; line = await reader.line()) {
    const colon = line.indexOf(":");
    headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return headers;
}

/** @param {Head} head @param {ByteReader} reader */
async function* bodyOf(head, reader) {
  const length = head.get("content-length");
  if (head.get("transfer-encoding") === "chunked") {
    for (let size = await chunkSize(reader); size > 0; size = await chunkSize(reader)) {
      yield await reader.exactly(size);
      await reader.line();
    }
    head.trailers = await readFields(reader);
  } else if (length !== undefined) {
    yield await reader.exactly(Number(length));
  } else {
    yield* reader.untilEnd();
  }
}

/** @param {ByteReader} reader */
async function chunkSize(reader) {
  return Number.parseInt(await reader.line(), 16);
}

async function* nothing() {}
