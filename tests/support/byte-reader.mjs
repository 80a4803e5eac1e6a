// Reads a socket by lines or byte counts, with a timeout for each wait.

/** The bytes that a socket has sent, read piece by piece. */
export class ByteReader {
  #buffered = Buffer.alloc(0);
  #ended = false;
  /** @type {Error | undefined} */
  #failure;
  /** @type {() => void} */
  #wake = () => {};

  /**
   * @param {import("node:net").Socket} socket
   * @param {number} timeout milliseconds, for each wait
   */
  constructor(socket, timeout) {
    this.timeout = timeout;
    socket.on("data", (bytes) => {
      this.#buffered = Buffer.concat([this.#buffered, bytes]);
      this.#wake();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on("error", (error) => (this.#failure = error));
  }

  /** @returns {Promise<string>} up to the next CR LF, which is taken too; each byte is one character */
  async line() {
    for (;;) {
      const end = this.#buffered.indexOf("\r\n");
      if (end !== -1) return this.#take(end + 2).toString("latin1", 0, end);
      await this.#more();
    }
  }

  /** @param {number} count @returns {Promise<Buffer>} */
  async exactly(count) {
    while (this.#buffered.length < count) await this.#more();
    return this.#take(count);
  }

  /** @returns {AsyncGenerator<Buffer>} what comes until the other side closes */
  async *untilEnd() {
    for (;;) {
      if (this.#buffered.length > 0) yield this.#take(this.#buffered.length);
      else if (this.#ended) return;
      else await this.#wait();
    }
  }

  /** @param {number} count */
  #take(count) {
    const taken = this.#buffered.subarray(0, count);
    this.#buffered = this.#buffered.subarray(count);
    return taken;
  }

  async #more() {
    if (this.#ended) throw this.#failure ?? new Error("the connection closed in the middle of a response");
    await this.#wait();
  }

  async #wait() {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing came for ${this.timeout} ms`)), this.timeout);
    });
    const woken = new Promise((/** @type {(nothing?: undefined) => void} */ resolve) => (this.#wake = resolve));
    await Promise.race([woken, late]).finally(() => clearTimeout(timer));
  }
}
