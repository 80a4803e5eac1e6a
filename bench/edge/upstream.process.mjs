// The API in its own process, so that it takes no time from the load generator. It ends with its parent.

import { startUpstream } from "./upstream.mjs";

const { url } = await startUpstream();
process.stdout.write(`${url}\n`);
process.stdin.on("end", () => process.exit(0)).resume();
