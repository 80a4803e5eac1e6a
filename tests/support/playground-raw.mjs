// A request as it is written: `fetch` would tidy its path.

import { once } from "node:events";
import net from "node:net";

/** Sends the first line of a request, and gives the whole answer. @param {number} port @param {string} line */
export async function sendRaw(port, line) {
  const socket = net.connect(port, "127.0.0.1");
  socket.setEncoding("utf8");
  socket.write(`${line}\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  let answer = "";
  socket.on("data", (text) => {
    answer += text;
  });
  await once(socket, "close");
  return answer;
}
