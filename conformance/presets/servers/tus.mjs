// tus' own server.

import http from "node:http";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

/** @param {string} folder for the uploads */
export function tus(folder) {
  const server = new Server({ path: "/files", datastore: new FileStore({ directory: folder }) });
  return http.createServer(server.handle.bind(server));
}
