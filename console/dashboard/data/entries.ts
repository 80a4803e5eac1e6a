// Everything that is listed: the entries of the policy, and those of its lists in KV.

import { type Answers, bodyOf } from "./answer.ts";
import { list, POLICY } from "./queries.ts";
import { type ListEntries, type Policy, readList, readPolicy } from "./state.ts";

/** The paths that have the entries of the policy, as far as it is known. */
export function entryQueries(answers: Answers): string[] {
  const policy = policyOf(answers);
  return [POLICY, ...(policy?.allowlists ?? []).filter(({ kind }) => kind === "kv").map(({ name }) => list(name))];
}

export function policyOf(answers: Answers): Policy | undefined {
  const body = bodyOf(answers[POLICY]);
  try {
    return body === undefined ? undefined : readPolicy(body);
  } catch {
    return undefined;
  }
}

/** The entries of a list, wherever they are; undefined if they are not known, or cannot be enumerated. */
export function entriesOfList(policy: Policy, name: string, answers: Answers): ListEntries | undefined {
  const found = policy.allowlists.find((each) => each.name === name);
  if (found?.kind === "policy") return { entries: found.entries, size: found.size, truncated: false };
  const body = bodyOf(answers[list(name)]);
  try {
    return body === undefined ? undefined : readList(body);
  } catch {
    return undefined;
  }
}

/** Each listed origin or wildcard once. */
export function listedEntries(answers: Answers): string[] {
  const policy = policyOf(answers);
  if (policy === undefined) return [];
  const all = new Set<string>();
  for (const { cors } of policy.routes) for (const { origin } of cors?.entries ?? []) all.add(origin);
  for (const { name } of policy.allowlists) {
    for (const { origin } of entriesOfList(policy, name, answers)?.entries ?? []) all.add(origin);
  }
  return [...all];
}
