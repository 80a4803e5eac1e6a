// The playground by itself, opened in a browser, and what the tests do in it.

import { playgroundBuild } from "../../../scripts/lib/project.mjs";
import { serveFolder } from "../../../scripts/lib/static-site.mjs";

/** Serves the playground as `npm run playground` does. */
export const servePlayground = () => serveFolder(playgroundBuild, 0);

/** Runs in the page: functions that the following ones call as `tools.…`. */
export function installTools() {
  const shadow = (/** @type {string} */ id) => /** @type {ShadowRoot} */ (document.getElementById(id)?.shadowRoot);
  const violations = /** @type {string[]} */ ([]);
  document.addEventListener("securitypolicyviolation", (event) => {
    violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
  });
  const tools = {
    violations,
    /** Waits until `is` gives something. @template T @param {() => T} is @param {string} what @param {number} [within] milliseconds @returns {Promise<T>} */
    async until(is, what, within = 60_000) {
      const end = performance.now() + within;
      for (;;) {
        const value = is();
        if (value) return value;
        if (performance.now() > end)
          throw new Error(`not there: ${what}; the page says: ${document.body.textContent.slice(0, 800)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    text: (/** @type {string} */ selector) =>
      /** @type {HTMLElement | null} */ (document.querySelector(selector))?.textContent ?? "",
    /** Replaces the text of an editor as a paste of everything does. @param {string} id @param {string} text */
    async write(id, text) {
      const { view } = /** @type {any} */ (shadow(id).querySelector(".cm-content")).cmTile.root;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    /** The text of an editor. @param {string} id */
    read(id) {
      return /** @type {any} */ (shadow(id).querySelector(".cm-content")).cmTile.root.view.state.doc.toString();
    },
    shadow,
    element: (/** @type {string} */ selector) => /** @type {HTMLInputElement} */ (document.querySelector(selector)),
    /** Types into a field. @param {string} label @param {string} value */
    fill(label, value) {
      const labels = [...document.querySelectorAll("label")].filter((one) => one.textContent.startsWith(label));
      const field = /** @type {HTMLInputElement} */ (labels[0]?.querySelector("input, textarea, select"));
      if (field === undefined || field === null) throw new Error(`no field ${label}`);
      const prototype = Object.getPrototypeOf(field);
      Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(field, value);
      field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
    },
    /** Presses a button by its words. @param {string} words @param {ParentNode} [within] */
    press(words, within = document) {
      const found = [...within.querySelectorAll("button")].find((one) => one.textContent?.includes(words));
      if (found === undefined) throw new Error(`no button ${words}`);
      found.click();
    },
  };
  Object.assign(globalThis, { tools });
}
