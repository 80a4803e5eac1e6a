// A channel to pages of a browser that nothing else drives: they ask for work and answer with its result.

/** Where pages ask; every server of pages has these paths. */
const NEXT = "/suite/next";
const DONE = "/suite/done";

/** What runs in the page: the name of the page stands behind the `#` of its address. */
const ASKING = `(async () => {
  const name = location.hash.slice(1);
  if (name === "") return;
  for (;;) {
    const answer = await fetch("${NEXT}?" + name);
    if (answer.status !== 200) return;
    let result;
    try {
      result = { value: await (0, eval)(await answer.text()) };
    } catch (error) {
      result = { error: String(error) };
    }
    await fetch("${DONE}?" + name, { method: "POST", body: JSON.stringify(result) });
  }
})();`;

export const askingScript = `<script>${ASKING}</script>`;

/** @typedef {ReturnType<typeof channel>} Channel */

/** Makes a channel, which knows no page yet. */
export function channel() {
  /** @type {Map<string, { work: Queue<string>, results: Queue<{ value?: unknown, error?: string }> }>} */
  const pages = new Map();
  let count = 0;
  return {
    /** Prepares for one more page. Returns its name. */
    expect() {
      const name = `page-${(count += 1)}`;
      pages.set(name, { work: new Queue(), results: new Queue() });
      return name;
    },

    /** Runs a script in a page. @param {string} name @param {string} text @returns {Promise<any>} its JSON */
    async run(name, text) {
      const page = pages.get(name);
      page?.work.put(text);
      const { value, error } = (await page?.results.take()) ?? {};
      if (error !== undefined) throw new Error(error);
      return value;
    },

    /** @param {string} name */
    forget(name) {
      pages.delete(name);
    },

    /**
     * Answers what a page asks of the suite.
     *
     * @param {import("node:http").IncomingMessage} request
     * @param {import("node:http").ServerResponse} response
     * @returns {boolean} whether the request was one for the suite
     */
    answer(request, response) {
      const [path, name] = String(request.url).split("?");
      if (path !== NEXT && path !== DONE) return false;
      const page = pages.get(name);
      if (page === undefined) response.writeHead(410).end();
      else if (path === NEXT) page.work.take().then((text) => response.end(text));
      else {
        let body = "";
        request.setEncoding("utf8").on("data", (text) => (body += text));
        request.on("end", () => {
          page.results.put(JSON.parse(body));
          response.end();
        });
      }
      return true;
    },
  };
}

/** @template T */
class Queue {
  /** @type {T[]} */
  #items = [];
  /** @type {((item: T) => void)[]} */
  #takers = [];

  /** @param {T} item */
  put(item) {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker(item);
  }

  /** @returns {Promise<T>} */
  take() {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(item);
  }
}
