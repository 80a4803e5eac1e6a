// The lines that put a patch in force, quoted for the shell.

import { originParts } from "../../shared/client-text.ts";
import { commandLine, option } from "../../shared/shell.ts";
import type { Wanted } from "./context.ts";
import type { Files } from "./files.ts";
import type { Made } from "./make.ts";

/** The name of the file of a patch: of the origin only what every shell and file system takes as it is. */
export function fileOf(origin: string): string {
  const host = originParts(origin)?.host ?? "";
  const plain = host
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-")
    .replace(/^[.-]+|[.-]+$/g, "");
  return `allow-${plain.slice(0, 80) || "origin"}.patch`;
}

interface Of {
  made: Made;
  wanted: Wanted;
  files: Files;
  casesInPatch: boolean;
}

export function linesToRun({ made, wanted, files, casesInPatch }: Of): { line: string; what: string }[] {
  const { name } = made.environment;
  const policy = argument(files.policy.name);
  const environment = name === null ? [] : [option("env", name)];
  const tests = casesInPatch && files.cases !== undefined;
  return [
    { line: commandLine("git", "apply", fileOf(wanted.origin)), what: "the line that applies the patch" },
    ...(tests
      ? [
          {
            line: commandLine("corsgate", "test", policy, argument(files.cases?.name ?? ""), ...environment),
            what: "the line that tests",
          },
        ]
      : []),
    {
      line: commandLine(
        "corsgate",
        "publish",
        policy,
        ...environment,
        ...(wanted.inForce === undefined ? [] : [option("base", wanted.inForce)]),
        option("url", wanted.admin),
        option("message", `allow ${wanted.origin}`),
      ),
      what: "the line that publishes",
    },
  ];
}

/** A file name that no program takes for an option, or for standard input. */
const argument = (name: string) => (name.startsWith("-") ? `./${name}` : name);
