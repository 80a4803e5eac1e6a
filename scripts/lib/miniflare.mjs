// Miniflare, which runs workerd. `require` loads it in half the time that `import` takes, since Node then does not
// search its CommonJS source for exports.

import { createRequire } from "node:module";

/** @type {typeof import("miniflare")} */
export const { Miniflare, Response } = createRequire(import.meta.url)("miniflare");
