// What pages do in front of the gateway, and what each engine lets them see. docs/browsers.md shows this table.

/**
 * @typedef {import("./browsed-site.mjs").BrowsedSite} Site
 * @typedef {import("../engines/engine.mjs").Page} Page
 * @typedef {import("../engines/engine.mjs").EngineName} EngineName
 *
 * @typedef {object} Scene
 * @property {string} group
 * @property {string} name what the page does
 * @property {keyof Site["origins"]} [from] the page; a listed one of another site unless it says otherwise
 * @property {(page: Page, site: Site, engine: EngineName) => Promise<string>} act returns what the page saw
 * @property {string | Record<EngineName, string>} sees what each engine shows
 */

/**
 * A `fetch` in the page, told in one line: `200 value`, or `fails` for a network error.
 *
 * @param {Page} page
 * @param {string} url
 * @param {RequestInit} [init]
 * @param {string[]} [headers] of the response, to tell in place of its body
 */
function fetched(page, url, init = {}, headers = []) {
  return page.run(
    async ([url, init, headers]) => {
      try {
        const response = await fetch(url, init);
        if (headers.length === 0) return `${response.status} ${await response.text()}`.trim();
        const values = headers.map((name) => `${name}: ${response.headers.get(name) ?? "hidden"}`);
        return [response.status, ...values].join(", ");
      } catch {
        return "fails";
      }
    },
    /** @type {[string, RequestInit, string[]]} */ ([url, init, headers]),
  );
}

/**
 * A `fetch`, told by its status.
 *
 * @param {Page} page @param {string} url @param {RequestInit} [init]
 */
const status = async (page, url, init) => (await fetched(page, url, init)).split(" ")[0];

/** The status and one member of the JSON that came. @param {Promise<string>} answer @param {string} member */
async function member(answer, member) {
  const [status, ...body] = (await answer).split(" ");
  if (status === "fails") return status;
  return `${status} ${member}: ${JSON.parse(body.join(" "))[member] || "none"}`;
}

const PUT = { method: "PUT" };
const INCLUDE = /** @type {const} */ ({ credentials: "include" });
const FAILS = "fails";

/** @type {Scene[]} */
export const scenes = [
  {
    group: "fetch",
    name: "GET from a listed origin",
    act: (page, { apis }) => status(page, `${apis.direct}/app/x`),
    sees: "200",
  },
  {
    group: "fetch",
    name: "GET from an origin that is not listed",
    from: "stranger",
    act: (page, { apis }) => status(page, `${apis.direct}/app/x`),
    sees: FAILS,
  },
  {
    group: "fetch",
    name: "GET of a route for any origin, from an origin that is not listed",
    from: "stranger",
    act: (page, { apis }) => status(page, `${apis.direct}/open/x`),
    sees: "200",
  },
  {
    group: "fetch",
    name: 'GET from an origin that is not listed, `on_disallowed = "forward"`',
    from: "stranger",
    act: (page, { apis }) => status(page, `${apis.direct}/forward/x`),
    sees: FAILS,
  },
  {
    group: "fetch",
    name: '`mode: "no-cors"` from an origin that is not listed',
    from: "stranger",
    act: (page, { apis }) =>
      page.run(async (url) => (await fetch(url, { mode: "no-cors" })).type, `${apis.direct}/app/x`),
    sees: "opaque",
  },
  {
    group: "preflights",
    name: "`PUT` with `Authorization` and JSON",
    act: (page, { apis }) =>
      status(page, `${apis.direct}/app/x`, {
        method: "PUT",
        headers: { authorization: "Bearer x", "content-type": "application/json" },
        body: "{}",
      }),
    sees: "200",
  },
  {
    group: "preflights",
    name: "a header that only a family admits",
    act: (page, { apis }) => status(page, `${apis.direct}/app/x`, { headers: { "x-amz-meta-colour": "red" } }),
    sees: "200",
  },
  {
    group: "preflights",
    name: "a method that is not listed",
    act: (page, { apis }) => status(page, `${apis.direct}/app/x`, { method: "PATCH" }),
    sees: FAILS,
  },
  {
    group: "preflights",
    name: "a header that is not listed",
    act: (page, { apis }) => status(page, `${apis.direct}/app/x`, { headers: { "x-trace": "1" } }),
    sees: FAILS,
  },
  {
    group: "preflights",
    name: "two `PUT`s, `max_age = 600`: preflights sent",
    act: (page, site, engine) => preflightsOf(page, site, `/app/${engine}`),
    sees: "200, 200: 1",
  },
  {
    group: "preflights",
    name: "two `PUT`s, `max_age = 0`: preflights sent",
    act: (page, site, engine) => preflightsOf(page, site, `/uncached/${engine}`),
    sees: "200, 200: 2",
  },
  {
    group: "bodies",
    name: "an upload with `XMLHttpRequest` that listens to its progress",
    act: (page, { apis }) =>
      page.run(
        (url) =>
          new Promise((resolve) => {
            const request = new XMLHttpRequest();
            let progress = "no progress";
            request.upload.onprogress = () => (progress = "progress");
            request.onload = () => resolve(`${request.status}, ${progress}`);
            request.onerror = () => resolve("fails");
            request.open("POST", url);
            request.send("x".repeat(100_000));
          }),
        `${apis.direct}/app/upload`,
      ),
    sees: "200, progress",
  },
  {
    group: "bodies",
    name: "a streamed body, over HTTP/2",
    from: "secure",
    act: (page, { apis }) =>
      page.run(async (url) => {
        const body = new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode("abc"));
            controller.close();
          },
        });
        try {
          const init = /** @type {RequestInit} */ ({ method: "POST", body, duplex: "half" });
          const response = await fetch(url, init);
          return `${response.status}, ${(await response.json()).size} bytes arrive`;
        } catch {
          return "fails";
        }
      }, `${apis.secure}/app/stream`),
    // Firefox sends the text "[object ReadableStream]".
    sees: { chromium: "200, 3 bytes arrive", firefox: "200, 23 bytes arrive", webkit: FAILS },
  },
  {
    group: "cookies",
    name: 'a cookie that the API sets comes back to it, `credentials: "include"`',
    from: "sameSite",
    act: async (page, { apis }) => {
      await fetched(page, `${apis.direct}/app/login`, INCLUDE);
      return member(fetched(page, `${apis.direct}/app/x`, INCLUDE), "cookie");
    },
    sees: "200 cookie: session=1",
  },
  {
    group: "cookies",
    name: 'without `credentials: "include"`',
    from: "sameSite",
    act: async (page, { apis }) => {
      await fetched(page, `${apis.direct}/app/login`, INCLUDE);
      return member(fetched(page, `${apis.direct}/app/x`), "cookie");
    },
    sees: "200 cookie: none",
  },
  {
    group: "cookies",
    name: '`credentials: "include"` on a route without `credentials`',
    from: "sameSite",
    act: (page, { apis }) => status(page, `${apis.direct}/plain/x`, INCLUDE),
    sees: FAILS,
  },
  {
    group: "headers that a page can read",
    name: "a listed name, one of a family, and one that is not exposed; with credentials",
    act: (page, { apis }) => fetched(page, `${apis.direct}/app/x`, INCLUDE, ["x-id", "x-amz-meta-a", "x-other"]),
    sees: "200, x-id: 7, x-amz-meta-a: 1, x-other: hidden",
  },
  {
    group: "headers that a page can read",
    name: "`Retry-After` and `RateLimit` of a 429",
    act: async (page, { apis }, engine) => {
      const init = { headers: { "x-client": engine } };
      await fetched(page, `${apis.direct}/limited/x`, init);
      const answer = await fetched(page, `${apis.direct}/limited/x`, init, ["retry-after", "ratelimit"]);
      return answer.replace(/\d+(?=,)(?<!429)/, "seconds").replace(/ratelimit: "browser".*/, "ratelimit: the limit");
    },
    sees: "429, retry-after: seconds, ratelimit: the limit",
  },
  {
    group: "origins",
    name: "a sandboxed frame, whose origin is `null`",
    act: (page, { apis }) =>
      page.run(
        (url) =>
          new Promise((resolve) => {
            const frame = document.createElement("iframe");
            frame.sandbox.add("allow-scripts");
            const told = `r => parent.postMessage(String(r.status), "*"), () => parent.postMessage("fails", "*")`;
            frame.srcdoc = `<script>fetch("${url}").then(${told})</script>`;
            window.addEventListener("message", (message) => resolve(message.data), { once: true });
            document.body.append(frame);
          }),
        `${apis.direct}/app/x`,
      ),
    sees: FAILS,
  },
  {
    group: "answers that are no success",
    name: "a redirect of the API to another of its paths",
    act: (page, { apis }) => status(page, `${apis.direct}/app/moved`),
    sees: "200",
  },
  {
    group: "answers that are no success",
    name: "404 of the gateway, since no route fits; the origin is listed in `[defaults.cors]`",
    act: async (page, { apis }) => member(fetched(page, `${apis.direct}/nowhere/x`), "reason"),
    sees: "404 reason: route_not_found",
  },
  {
    group: "answers that are no success",
    name: "502, since the API is down",
    act: async (page, { apis }) => member(fetched(page, `${apis.direct}/down/x`), "reason"),
    sees: "502 reason: upstream_unreachable",
  },
  {
    group: "answers that are no success",
    name: "504, since the API does not answer",
    act: async (page, { apis }) => member(fetched(page, `${apis.direct}/slow/x`), "reason"),
    sees: "504 reason: upstream_timeout",
  },
  {
    group: "one cache, two origins",
    name: "both read a response that the cache keeps",
    from: "sameSite",
    act: async (page, site) => {
      const url = `${site.apis.direct}/app/cached`;
      const first = await fetched(page, url);
      const again = await otherPage(page, site, url, { cache: "default" });
      return `${first}, then ${again}`;
    },
    sees: "200 cached, then 200 cached",
  },
  {
    group: "one cache, two origins",
    name: "the same, from a server that forgets `Vary`",
    from: "sameSite",
    act: async (page, site) => {
      const url = `${site.apis.careless}/careless`;
      const first = await fetched(page, url);
      return `${first}, then ${await otherPage(page, site, url, { cache: "default" })}`;
    },
    sees: "200 cached, then fails",
  },
  {
    group: "one cache, two origins",
    name: "both read it after a 304",
    from: "sameSite",
    act: async (page, site) => {
      const url = `${site.apis.direct}/app/cached`;
      const first = await fetched(page, url, { cache: "no-cache" });
      const again = await otherPage(page, site, url, { cache: "no-cache" });
      return `${first}, then ${again}`;
    },
    sees: "200 cached, then 200 cached",
  },
  {
    group: "Server-Sent Events",
    name: "three events, each after a reconnection with `Last-Event-ID`",
    act: (page, { apis }) => events(page, `${apis.direct}/app/events`),
    sees: "after 0, after 1, after 2",
  },
  {
    group: "Server-Sent Events",
    name: "from an origin that is not listed",
    from: "stranger",
    act: (page, { apis }) => events(page, `${apis.direct}/app/events`),
    sees: FAILS,
  },
  {
    group: "WebSocket",
    name: "from a listed origin",
    act: (page, { apis }) => webSocket(page, `${apis.direct}/app/socket`),
    sees: "open, hello, close 1000",
  },
  {
    group: "WebSocket",
    name: 'from an origin that is not listed, `on_reject = "handshake"`',
    from: "stranger",
    act: (page, { apis }) => webSocket(page, `${apis.direct}/app/socket`),
    sees: "close 1006",
  },
  {
    group: "WebSocket",
    name: 'from an origin that is not listed, `on_reject = "close"`',
    from: "stranger",
    act: (page, { apis }) => webSocket(page, `${apis.direct}/close/socket`),
    sees: "open, close 4403 origin_not_listed",
  },
  {
    group: "the console",
    name: 'GET from an origin that is not listed, `explain = "console"`: does the console name the reason?',
    from: "stranger",
    act: async (page, { apis }) => {
      const answer = await status(page, `${apis.direct}/console/x`);
      const named = await eventuallyInConsole(page, "origin-not-listed.corsgate.invalid");
      return `${answer}, ${named ? "named" : "not named"}`;
    },
    sees: { chromium: "fails, named", firefox: "fails, named", webkit: "fails, not named" },
  },
];

/** The page of the second origin, in the same browser and of the same site. */
/** @param {Page} page @param {Site} site @param {string} url @param {RequestInit} init */
function otherPage(page, { origins }, url, init) {
  return page.run(
    ([page, url, init]) =>
      new Promise((resolve) => {
        const frame = document.createElement("iframe");
        window.addEventListener("message", (message) => resolve(message.data), { once: true });
        frame.src = `${page}/asks#${encodeURIComponent(JSON.stringify([url, init]))}`;
        document.body.append(frame);
      }),
    /** @type {[string, string, RequestInit]} */ ([origins.second, url, init]),
  );
}

/** Sends the same preflighted request twice, and counts preflights. @param {Page} page @param {Site} site @param {string} path */
async function preflightsOf(page, { apis, edge }, path) {
  const url = `${apis.counted}${path}`;
  const answers = [await status(page, url, PUT), await status(page, url, PUT)];
  const preflights = edge.seen.filter((request) => request === `OPTIONS ${path}`).length;
  return `${answers.join(", ")}: ${preflights}`;
}

/** The first three events. @param {Page} page @param {string} url @returns {Promise<string>} */
function events(page, url) {
  return page.run(
    (url) =>
      new Promise((resolve) => {
        const source = new EventSource(url);
        /** @type {string[]} */
        const seen = [];
        source.onmessage = ({ data }) => {
          seen.push(data);
          if (seen.length < 3) return;
          source.close();
          resolve(seen.join(", "));
        };
        source.onerror = () => {
          if (source.readyState === EventSource.CLOSED) resolve("fails");
        };
      }),
    url,
  );
}

/** What a WebSocket shows to its page. @param {Page} page @param {string} url @returns {Promise<string>} */
function webSocket(page, url) {
  return page.run(
    (url) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        /** @type {string[]} */
        const seen = [];
        socket.onopen = () => {
          seen.push("open");
          socket.send("hello");
        };
        socket.onmessage = ({ data }) => {
          seen.push(data);
          socket.close(1000);
        };
        socket.onclose = ({ code, reason }) => resolve([...seen, `close ${code} ${reason}`.trim()].join(", "));
      }),
    url.replace(/^http/, "ws"),
  );
}

/** Console messages arrive after what caused them. @param {Page} page @param {string} text */
async function eventuallyInConsole(page, text) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (page.console().some((message) => message.includes(text))) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
