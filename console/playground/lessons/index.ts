// The eight lessons, in the order in which they build on each other.

import { credentials } from "./credentials.ts";
import type { Lesson } from "./lesson.ts";
import { limitsOfCors } from "./limits-of-cors.ts";
import { nullOrigin } from "./null.ts";
import { origin } from "./origin.ts";
import { preflight } from "./preflight.ts";
import { tokens } from "./tokens.ts";
import { vary } from "./vary.ts";
import { websocket } from "./websocket.ts";

export const LESSONS: Lesson[] = [origin, preflight, credentials, nullOrigin, vary, tokens, websocket, limitsOfCors];
