// What a view is shown in, beside its data: when, where, and whether a script has taken it over.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

export interface Surroundings {
  /** the gateway's clock when the data came, in milliseconds since 1970 */
  now: number;
  /** the viewer's time zone; undefined as the Worker draws it */
  zone?: string;
  /** the host of the page, where it is known */
  host?: string;
  /** whether a script has taken the page over */
  awake: boolean;
  /** what several reports fail with, which the page says once */
  failing?: string;
  /** the origins that this browser does not want to see */
  muted: readonly string[];
  setMuted: (origin: string, muted: boolean) => void;
}

const Context = createContext<Surroundings>({ now: 0, awake: false, muted: [], setMuted: () => {} });

export const SurroundingsProvider = Context.Provider;
export const useSurroundings = () => useContext(Context);
