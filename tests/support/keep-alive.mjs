// Sends thousands of requests in seconds: each client sends its requests one after the other on a persistent
// connection.

import { once } from "node:events";
import net from "node:net";
import { ByteReader } from "./byte-reader.mjs";
import { readResponse, wholeAnswer } from "./raw-http.mjs";

const TIMEOUT_MILLISECONDS = 20_000;

/** One connection at a time, made anew where the gateway has closed it, as it does after what it cannot read. */
export class KeepAliveClient {
  #socket;
  #reader;

  /** @param {number} port */
  constructor(port) {
    this.port = port;
  }

  /**
   * Sends a request that ends where it says, and reads the whole answer.
   *
   * @param {Buffer} bytes
   * @returns {ReturnType<typeof wholeAnswer>}
   */
  async exchange(bytes) {
    const isKept = this.#socket !== undefined && !this.#socket.destroyed;
    try {
      if (!isKept) await this.#connect();
      return await this.#exchange(bytes);
    } catch (error) {
      this.close();
      // A connection that was kept may have been closed for what came before.
      if (isKept) return this.exchange(bytes);
      throw error;
    }
  }

  async #exchange(bytes) {
    this.#socket.write(bytes);
    const answer = await wholeAnswer(await readResponse(this.#reader, bytes));
    if (answer.get("connection")?.toLowerCase() === "close") this.close();
    return answer;
  }

  close() {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #connect() {
    this.#socket = net.connect(this.port, "127.0.0.1");
    this.#reader = new ByteReader(this.#socket, TIMEOUT_MILLISECONDS);
    await once(this.#socket, "connect");
  }
}

/**
 * Works through a list with several concurrent clients.
 *
 * @template T
 * @param {number} port
 * @param {number} clients
 * @param {Iterable<T>} items
 * @param {(client: KeepAliveClient, item: T) => Promise<void>} work
 */
export async function workThrough(port, clients, items, work) {
  // The clients draw from one iterator, so that each item is done once, and nothing more once one has failed.
  const queue = items[Symbol.iterator]();
  let isOver = false;
  const drain = async (client) => {
    try {
      for (let next = queue.next(); !next.done && !isOver; next = queue.next()) await work(client, next.value);
    } finally {
      isOver = true;
      client.close();
    }
  };
  await Promise.all(Array.from({ length: clients }, () => drain(new KeepAliveClient(port))));
}
