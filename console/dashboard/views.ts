// The views by their paths.

import { origin } from "./origin/view.tsx";
import { origins } from "./origins/view.tsx";
import { overview } from "./overview/view.tsx";
import { policy } from "./policy/view.tsx";
import { routes } from "./routes/view.tsx";
import type { View } from "./view.ts";

export const VIEWS: readonly View[] = [overview, origins, origin, routes, policy];

/** The view of a path; the overview for one that is none. */
export const viewOf = (pathname: string): View => VIEWS.find((view) => view.pathname === pathname) ?? overview;
