// The dashboard, drawn by the Worker and again in the browser from the same data.

import { type Surroundings, SurroundingsProvider } from "../shared/surroundings.ts";
import { parseAddress } from "./address.ts";
import { commonFailure } from "./data/answer.ts";
import { Bar } from "./bar.tsx";
import { Filters } from "./filters.tsx";
import { Notices } from "./notices.tsx";
import type { PageData } from "./view.ts";
import { viewOf } from "./views.ts";

/** How the page keeps up to date; only in a browser. */
export interface Liveness {
  /** whether the range ends in the past, so that nothing changes */
  fixed: boolean;
  paused: boolean;
  /** whether the session has ended */
  ended: boolean;
  busy: boolean;
  /** seconds by which the viewer's clock is ahead of the gateway's, if it is wrong */
  skew?: number;
  setPaused: (paused: boolean) => void;
  again: () => void;
}

interface Props extends Partial<Pick<Surroundings, "awake" | "zone" | "muted" | "setMuted">> {
  data: PageData;
  live?: Liveness;
}

export function Dashboard({ data, live, awake = false, zone, muted = [], setMuted = () => {} }: Props) {
  const address = parseAddress(data.address.pathname, data.address.search);
  const view = viewOf(address.pathname);
  const failing = commonFailure(data.answers)?.detail;
  return (
    <SurroundingsProvider value={{ now: data.now, zone, host: data.host, failing, awake, muted, setMuted }}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Bar address={address} answers={data.answers} live={live} />
      <main id="content" tabIndex={-1}>
        <Notices address={address} answers={data.answers} live={live} />
        {view.pathname === "/policy" || view.pathname === "/routes" ? null : <Filters address={address} />}
        <view.Page address={address} answers={data.answers} />
      </main>
    </SurroundingsProvider>
  );
}
