// The Worker imports the dashboard under a name whose types stand in `src/corsgate-console.d.ts`. They must agree.

import type { renderDashboard as imported } from "corsgate-console";
import { renderDashboard } from "./dashboard/server.tsx";

renderDashboard satisfies typeof imported;
