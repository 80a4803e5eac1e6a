// The API in a process of its own, so that it takes no time from the load. Ends with the one that started it.

import { startUpstream } from "./upstream.mjs";

const { url } = await startUpstream();
process.stdout.write(`${url}\n`);
process.stdin.on("end", () => process.exit(0)).resume();
