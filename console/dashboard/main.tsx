// The dashboard in the browser: takes over the page that the Worker has drawn, and keeps it up to date.

import { hydrate } from "preact";
import { PlotContext } from "./overview/plot-context.ts";
import { drawPlot } from "./overview/plot.ts";
import { LivePage } from "./live-page.tsx";
import { PatchContext } from "./patch/context.ts";
import type { PageData } from "./view.ts";

/** The code that makes patches, and with it the Wasm, is only loaded for whoever asks for a patch. */
const loadPatch = async () => (await import("./patch/patch.tsx")).Patch;

const root = document.getElementById("page");
const text = document.getElementById("data")?.textContent;
if (root !== null && text) {
  const data = JSON.parse(text) as PageData;
  hydrate(
    <PlotContext.Provider value={drawPlot}>
      <PatchContext.Provider value={loadPatch}>
        <LivePage first={data} />
      </PatchContext.Provider>
    </PlotContext.Provider>,
    root,
  );
}
