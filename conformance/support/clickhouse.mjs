// ClickHouse as Cloudflare's SQL API, in its own process: see clickhouse/server.py.

import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { root } from "../../scripts/lib/project.mjs";
import { python } from "../../scripts/lib/python.mjs";

const SERVER = path.join(root, "conformance", "clickhouse", "server.py");

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
export const TOKEN = "a-token-that-reads-account-analytics";

/**
 * @typedef {object} ClickHouse
 * @property {string} api what the Worker's variable `ANALYTICS_URL` holds
 * @property {string} url of the server itself
 * @property {(dataset: string, rows: object[]) => Promise<void>} store adds rows; the dataset is made by its first
 * @property {(sql: string, headers?: Record<string, string>) => Promise<Response>} post asks as `curl` would
 * @property {(sql: string) => Promise<Record<string, string | number>[]>} ask the rows of an answer, which must be one
 * @property {(query: string, params?: unknown) => Promise<Response>} bound asks as a Worker does of the binding `SQL`
 * @property {() => Promise<void>} close
 */

/** @returns {Promise<ClickHouse>} */
export async function startClickHouse() {
  const { program, args } = await python();
  const env = { ...process.env, ANALYTICS_TOKEN: TOKEN, ACCOUNT_ID: ACCOUNT };
  // It ends with its standard input, even if this process is killed.
  const child = spawn(program, [...args, SERVER], { env, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const port = await Promise.race([
    once(createInterface({ input: child.stdout }), "line").then(([line]) => Number(line)),
    ended.then(([code]) => Promise.reject(new Error(`the server ended with ${code} before it listened`))),
  ]);
  const url = `http://127.0.0.1:${port}`;
  const api = `${url}/client/v4`;
  /** @param {string} address @param {string} body @param {Record<string, string>} [headers] */
  const post = (address, body, headers = {}) => fetch(address, { method: "POST", body, headers });
  /** @type {ClickHouse["post"]} */
  const postSql = (sql, headers = { Authorization: `Bearer ${TOKEN}` }) =>
    post(`${api}/accounts/${ACCOUNT}/analytics_engine/sql`, sql, headers);
  return {
    api,
    url,
    post: postSql,
    async ask(sql) {
      const answer = await postSql(sql);
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${answer.status}: ${text}\n${sql}`);
      return JSON.parse(text).data;
    },
    bound: (query, params) => post(`${url}/binding`, JSON.stringify({ query, params })),
    async store(dataset, rows) {
      // In parts, so that no body is huge.
      for (let at = 0; at === 0 || at < rows.length; at += 20_000) {
        const lines = rows.slice(at, at + 20_000).map((row) => JSON.stringify(row));
        const { status } = await post(`${url}/rows/${dataset}`, lines.join("\n"));
        if (status !== 200) throw new Error(`${status} for ${lines.length} rows`);
      }
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
