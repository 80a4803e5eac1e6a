// The chart, drawn by uPlot: refusals stacked by reason, marks where policies came into force, and the strip of what is
// not CORS beneath, with the same time axis.

import uPlot from "uplot";
import { short } from "../../shared/format.ts";
import type { DrawPlot, PlotOptions } from "./plot-context.ts";
import { patternOf, readColours, type Colours } from "./patterns.ts";
import type { Chart, Series } from "./series.ts";

const REFUSALS_HEIGHT = 240;
const STRIP_HEIGHT = 96;
/** Of the axis at the left, the same in both so that their times are above each other. */
const LEFT = 52;

/** Cumulative values, so that bars drawn from the last to the first look stacked. */
function stacked(series: Series[], length: number): (number | null)[][] {
  const sums: (number | null)[] = Array.from({ length }, () => null);
  return series.map(({ values }) => {
    values.forEach((value, at) => {
      if (value !== null) sums[at] = (sums[at] ?? 0) + value;
    });
    // A bar without height would still have its edge.
    return sums.map((sum) => sum || null);
  });
}

function dataOf(chart: Chart, series: Series[]): uPlot.AlignedData {
  const times = chart.times.map((time) => time / 1000);
  // The greatest sum is drawn first, and the others over it.
  return [times, ...stacked(series, times.length).reverse()] as uPlot.AlignedData;
}

export const drawPlot: DrawPlot = (refusals, strip, first, options) => {
  let chart = first;
  let plots: uPlot[] = [];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const sync = uPlot.sync("corsgate-overview");

  const build = () => {
    for (const plot of plots) plot.destroy();
    const colours = readColours(refusals);
    const width = refusals.clientWidth;
    const shared = { get: () => chart, colours, options, width, sync: sync.key };
    plots = [
      new uPlot(
        optionsOf({ ...shared, series: chart.refusals, height: REFUSALS_HEIGHT, axis: true }),
        dataOf(chart, chart.refusals),
        refusals,
      ),
    ];
    if (chart.failures.length > 0) {
      plots.push(
        new uPlot(
          optionsOf({ ...shared, series: chart.failures, height: STRIP_HEIGHT, axis: false }),
          dataOf(chart, chart.failures),
          strip,
        ),
      );
    }
  };
  build();

  const resize = new ResizeObserver(() => {
    const width = refusals.clientWidth;
    for (const plot of plots) if (plot.width !== width && width > 0) plot.setSize({ width, height: plot.height });
  });
  resize.observe(refusals);
  dark.addEventListener("change", build);
  return {
    update(next) {
      const names = (chart: Chart) => [...chart.refusals, ...chart.failures].map(({ key }) => key).join();
      const same = names(next) === names(chart);
      chart = next;
      if (!same) return build();
      plots[0]?.setData(dataOf(chart, chart.refusals));
      plots[1]?.setData(dataOf(chart, chart.failures));
    },
    destroy() {
      resize.disconnect();
      dark.removeEventListener("change", build);
      for (const plot of plots) plot.destroy();
    },
  };
};

interface Setting {
  get: () => Chart;
  series: Series[];
  colours: Colours;
  options: PlotOptions;
  width: number;
  height: number;
  axis: boolean;
  sync: string;
}

function optionsOf({ get, series, colours, options, width, height, axis, sync }: Setting): uPlot.Options {
  const bars = uPlot.paths.bars?.({ size: [0.9, 60], align: 1 });
  const { step } = get();
  return {
    width,
    height,
    padding: [axis ? 22 : 8, 20, axis ? 0 : 4, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      sync: { key: sync, setSeries: false },
    },
    scales: {
      // A bar begins at the time of its step, and the last is seen whole.
      x: { time: true, range: (_, min, max) => [min, max + step / 1000] },
      y: { range: (_, __, max) => [0, Math.max(max ?? 0, 4) * 1.08] },
    },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), options.zone),
    axes: [
      {
        show: axis,
        stroke: colours.ink,
        font: "12px system-ui, sans-serif",
        grid: { show: false },
        ticks: { stroke: colours.line, size: 4 },
        space: 80,
        values: axisTimes(options.zone, step),
      },
      {
        stroke: colours.ink,
        font: "12px system-ui, sans-serif",
        size: LEFT,
        space: axis ? 48 : 32,
        grid: { stroke: colours.line, width: 1 },
        ticks: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7, 1e8],
        values: (_, values) => values.map((value) => short(value)),
      },
    ],
    series: [
      {},
      ...[...series].reverse().map(
        (each, at): uPlot.Series => ({
          label: each.key,
          paths: bars,
          points: { show: false },
          stroke: colours.paper,
          width: 1,
          fill: (plot) => patternOf(plot.ctx, each.kind, series.length - 1 - at, colours),
        }),
      ),
    ],
    hooks: {
      drawClear: [(plot) => drawBefore(plot, get(), colours)],
      draw: [(plot) => drawMarks(plot, get(), colours, axis)],
      setCursor: [({ cursor }) => options.onStep(cursor.idx ?? undefined)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 8) return;
          options.onRange(plot.posToVal(left, "x") * 1000, plot.posToVal(left + width, "x") * 1000);
        },
      ],
    },
  };
}

/** Times of the day, and the day where it changes. */
function axisTimes(zone: string, step: number) {
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short" });
  return (_: uPlot, splits: number[]) => {
    let last = "";
    return splits.map((seconds) => {
      const today = day.format(seconds * 1000);
      const isNew = today !== last && (last !== "" || step >= 86_400_000);
      last = today;
      return isNew ? today : clock.format(seconds * 1000);
    });
  };
}

/** The time of which nothing is known, hatched: an empty place there does not mean that nothing happened. */
function drawBefore(plot: uPlot, chart: Chart, colours: Colours) {
  const unknown = chart.refusals[0]?.values ?? chart.failures[0]?.values;
  const known = unknown?.findIndex((value) => value !== null) ?? 0;
  if (known <= 0) return;
  const { ctx, bbox } = plot;
  const end = plot.valToPos((chart.times[known] ?? 0) / 1000, "x", true);
  ctx.save();
  ctx.fillStyle = patternOf(ctx, "unknown", 0, colours);
  ctx.fillRect(bbox.left, bbox.top, Math.max(0, end - bbox.left), bbox.height);
  ctx.restore();
}

/** A line at each policy, which cuts the bars, and its id above. */
function drawMarks(plot: uPlot, { marks }: Chart, colours: Colours, named: boolean) {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  let free = bbox.left;
  ctx.save();
  ctx.font = `600 ${12 * scale}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  for (const { policy, time } of marks) {
    const x = Math.round(plot.valToPos(time / 1000, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.fillStyle = colours.paper;
    ctx.fillRect(x - 2 * scale, bbox.top, 4 * scale, bbox.height);
    ctx.fillStyle = colours.select;
    ctx.fillRect(
      x - scale / 2,
      bbox.top - (named ? 4 * scale : 0),
      Math.max(1, scale),
      bbox.height + (named ? 4 * scale : 0),
    );
    if (!named) continue;
    const name = `▼ ${policy.slice(0, 8)}`;
    const width = ctx.measureText(name).width;
    const left = Math.min(x - 5 * scale, bbox.left + bbox.width - width);
    // Where marks are close together, only the first has room for its name; the table has all.
    if (left < free) continue;
    ctx.fillText(name, left, bbox.top - 4 * scale);
    free = left + width + 8 * scale;
  }
  ctx.restore();
}
