// How a chart is drawn. The Worker draws none: there the context is empty, and the table of the same numbers stands.

import { createContext } from "preact";
import type { Chart } from "./series.ts";

export interface PlotOptions {
  /** the step that the pointer or the keyboard is at */
  onStep: (at: number | undefined) => void;
  /** a range that was chosen by brushing, in milliseconds */
  onRange: (since: number, until: number) => void;
  /** the viewer's time zone */
  zone: string;
}

export interface Plot {
  update: (chart: Chart) => void;
  destroy: () => void;
}

/** Draws into two elements: the refusals, and the strip of failures beneath. */
export type DrawPlot = (refusals: HTMLElement, strip: HTMLElement, chart: Chart, options: PlotOptions) => Plot;

export const PlotContext = createContext<DrawPlot | undefined>(undefined);
