// How a patch is made. Only a browser can: there the context has what loads the code for it, once it is asked for. The
// Worker draws without.

import type { ComponentType } from "preact";
import { createContext } from "preact";
import type { Files } from "./files.ts";

/** What a patch is made for. */
export interface Wanted {
  origin: string;
  /** the URL that the page explains */
  url?: string;
  /** the report `top` by origin, route and reason: that of this origin, and that of all */
  reports: { ofOrigin: string; ofAll: string };
  /** the time range in words */
  range: string;
  /** the id of the policy in force, as far as it is known */
  inForce?: string;
  /** where the tool finds the admin API */
  admin: string;
}

export interface PatchProps {
  wanted: Wanted;
  files: Files;
  /** ends the work, and forgets the files */
  onClose: () => void;
}

export type LoadPatch = () => Promise<ComponentType<PatchProps>>;

export const PatchContext = createContext<LoadPatch | undefined>(undefined);
