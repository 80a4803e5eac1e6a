// The scenes as a table of docs/browsers.md.

import { scenes } from "./scenes.mjs";

const HEAD = "| what a page does | Chromium | Firefox | WebKit |\n| --- | --- | --- | --- |";

/** The table, line by line: a group's name stands before its first scene. */
export function scenesTable() {
  let last = "";
  const rows = scenes.map(({ group, name, sees }) => {
    const heading = group === last ? "" : `**${group}**: `;
    last = group;
    const { chromium, firefox, webkit } =
      typeof sees === "string" ? { chromium: sees, firefox: sees, webkit: sees } : sees;
    return `| ${heading}${name} | ${[chromium, firefox, webkit].map((seen) => `\`${seen}\``).join(" | ")} |`;
  });
  return [HEAD, ...rows].join("\n");
}
