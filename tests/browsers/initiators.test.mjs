// Browsers name what of a page made a request, and people search for the line word for word: `corsgate explain` prints it
// for an archive with the same request.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { eventually } from "../support/eventually.mjs";
import { startMistakenServer } from "./support/mistaken-server.mjs";
import { servePages } from "./support/page-server.mjs";
import { BROWSERS, engineNames, pages, startEngine } from "./support/suite.mjs";

/** A server that knows nothing of CORS. */
const server = await startMistakenServer([{ name: "nothing", asks: {}, response: { headers: {} } }]);
const page = await servePages(pages);
after(async () => {
  await server.close();
  await page.close();
});

/**
 * What the page does, by the resource type that archives have.
 *
 * @type {Record<string, { does: (url: string) => void, unseen?: (keyof typeof BROWSERS)[] }>}
 */
const INITIATORS = {
  fetch: { does: (url) => void fetch(url).catch(() => {}) },
  xhr: {
    does: (url) => {
      const request = new XMLHttpRequest();
      request.open("GET", url);
      request.send();
    },
  },
  eventsource: { does: (url) => void new EventSource(url) },
  image: {
    does: (url) => {
      const image = new Image();
      image.crossOrigin = "anonymous";
      image.src = url;
    },
  },
  script: {
    does: (url) => {
      const script = document.createElement("script");
      script.crossOrigin = "anonymous";
      script.src = url;
      document.head.append(script);
    },
  },
  stylesheet: {
    does: (url) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.crossOrigin = "anonymous";
      link.href = url;
      document.head.append(link);
    },
  },
  font: {
    does: (url) => void new FontFace("font", `url(${url})`).load().catch(() => {}),
    // WebKit prints nothing of a font that a script loads.
    unseen: ["webkit"],
  },
  media: {
    does: (url) => {
      const video = document.createElement("video");
      video.crossOrigin = "anonymous";
      video.src = url;
      document.body.append(video);
    },
  },
};

for (const name of engineNames) {
  describe(name, () => {
    const engine = startEngine(name);
    /** @type {import("./engines/engine.mjs").Page} */
    let opened;
    before(async () => {
      opened = await engine().open(`${page.origin()}/`);
    });
    for (const [type, { does, unseen }] of Object.entries(INITIATORS)) {
      if (unseen?.includes(name)) continue;
      test(type, async () => {
        const url = `${server.url("nothing")}-${type}`;
        const before = opened.console().length;
        await opened.run(does, url);
        const lines = await explained(url, type, BROWSERS[name]);
        await eventually(() => {
          const printed = opened.console().slice(before);
          const missing = lines.filter((line) => !printed.includes(line));
          assert.deepEqual(missing, [], printed.join("\n"));
        });
      });
    }
  });
}

/**
 * The lines that the tool says a browser prints.
 *
 * @param {string} url
 * @param {string} type
 * @param {string} browser
 * @returns {Promise<string[]>}
 */
async function explained(url, type, browser) {
  const request = { method: "GET", url, headers: [{ name: "origin", value: page.origin() }], cookies: [] };
  const response = { status: 200, headers: [{ name: "content-type", value: "text/plain" }], content: {} };
  const archive = JSON.stringify({ log: { version: "1.2", entries: [{ _resourceType: type, request, response }] } });
  const script = 'printf %s "$1" | "$0" explain --har - --browser "$2" --format json';
  const { stdout, stderr } = await capture("sh", ["-c", script, operatorTool, archive, browser]);
  const report = stdout === "" ? assert.fail(stderr) : JSON.parse(stdout);
  return report.requests[0].console.split("\n");
}
