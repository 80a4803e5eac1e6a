// The search field on every page of the documentation. What it searches is loaded when it is first used.

import { Results } from "./results.ts";
import type { Search } from "./search.ts";

const NOTHING =
  "Nothing was found. Try fewer words, the middle of the browser's sentence, a code such as CG241, a key such as " +
  "max_age, or the name of a header.";
const FAILED = "The search could not be loaded. Type again to try once more.";

let search: Promise<Search> | undefined;

/** The index, with the module that reads it. After a failure, the next use tries again. */
function loaded(): Promise<Search> {
  search ??= load().catch((error: unknown) => {
    search = undefined;
    throw error;
  });
  return search;
}

async function load(): Promise<Search> {
  const [module, response] = await Promise.all([
    import("./search.ts"),
    fetch(new URL("search.json", import.meta.url), { credentials: "omit" }),
  ]);
  if (!response.ok) throw new Error(`search.json: ${response.status}`);
  return new module.Search(await response.json());
}

function start(input: HTMLInputElement): void {
  const results = new Results(input);

  async function show(): Promise<void> {
    if (input.value.trim() === "") return results.close();
    try {
      const ready = await loaded();
      // What was typed while it was loading counts.
      const found = ready.find(input.value);
      if (document.activeElement !== input || input.value.trim() === "") return;
      results.show(found, found.length === 0 ? NOTHING : found.length === 1 ? "1 section" : `${found.length} sections`);
    } catch {
      results.show([], FAILED);
    }
  }

  input.addEventListener("focus", () => {
    loaded().catch(() => {});
    show();
  });
  input.addEventListener("input", show);
  input.addEventListener("blur", () => results.close());
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isTaken = results.press(event);
    if (isTaken) event.preventDefault();
    else if (event.key === "ArrowDown") show();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { target } = event;
    if (target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select")))
      return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  // Until here the field says that it needs JavaScript.
  input.placeholder = "Search";
  input.disabled = false;
}

const input = document.getElementById("site-search");
if (input instanceof HTMLInputElement) start(input);
