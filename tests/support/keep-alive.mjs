// Sends thousands of requests in seconds: each client sends its requests one after the other on a persistent
// connection.

import { once } from "node:events";
import net from "node:net";
import { ByteReader } from "./byte-reader.mjs";
import { readResponse, wholeAnswer } from "./raw-http.mjs";

/** Only a failure takes as long. */
const TIMEOUT_MILLISECONDS = 60_000;

/** One connection at a time, replaced if the gateway has closed it, as it does after a request that it cannot read. */
export class KeepAliveClient {
  /** @type {net.Socket | undefined} */
  #socket;
  /** @type {ByteReader | undefined} */
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
      const [socket, reader] = await this.#connection();
      return await this.#exchange(socket, reader, bytes);
    } catch (error) {
      this.close();
      // The gateway may have closed a kept connection because of an earlier request.
      if (isKept) return this.exchange(bytes);
      throw error;
    }
  }

  /** @param {net.Socket} socket @param {ByteReader} reader @param {Buffer} bytes */
  async #exchange(socket, reader, bytes) {
    socket.write(bytes);
    const answer = await wholeAnswer(await readResponse(reader, bytes));
    if (answer.get("connection")?.toLowerCase() === "close") this.close();
    return answer;
  }

  close() {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** @returns {Promise<[net.Socket, ByteReader]>} */
  async #connection() {
    if (this.#socket && !this.#socket.destroyed && this.#reader) return [this.#socket, this.#reader];
    const socket = net.connect(this.port, "127.0.0.1");
    const reader = new ByteReader(socket, TIMEOUT_MILLISECONDS);
    [this.#socket, this.#reader] = [socket, reader];
    await once(socket, "connect");
    return [socket, reader];
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
  // The clients share one iterator, so that each item is done once, and no client continues after a failure.
  const queue = items[Symbol.iterator]();
  let isOver = false;
  /** @param {KeepAliveClient} client */
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
