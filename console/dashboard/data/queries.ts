// What the views ask the admin API, as paths. Each report takes the filters that it knows; a view says where one of the
// page's filters does not count.

import type { Address, Filter } from "../address.ts";

/** The filters of each report, as docs/reports.md has them. */
const TAKES: Record<string, readonly Filter[]> = {
  outcomes: ["outcome", "reason", "route", "origin", "policy"],
  top: ["outcome", "reason", "route", "origin", "policy"],
  share: ["route", "origin", "policy"],
  origins: ["route", "origin", "policy"],
  policies: ["route", "origin"],
  unusual: ["outcome", "reason", "route", "origin"],
  unused: [],
};

export const STATUS = "/api/status";
export const POLICY = "/api/policy";
export const HISTORY = "/api/history";

/** The filters that a report takes when it is grouped so: the embedded store does not keep everything together. */
function takenBy(name: string, address: Address, by: string): Filter[] {
  const groups = by.split(",");
  const places = groups.includes("country") || groups.includes("colo");
  const paths = groups.includes("path");
  return (TAKES[name] ?? []).filter((filter) => {
    if (paths && filter === "origin") return false;
    if (places && (filter === "route" || filter === "policy")) return false;
    return !((paths || places) && filter === "outcome" && address.filters.outcome === "allow");
  });
}

/** @param more `by`, `limit`, or another range than the page's */
export function report(name: string, address: Address, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ since: address.since });
  if (address.until !== undefined) query.set("until", address.until);
  for (const filter of takenBy(name, address, more.by ?? "")) {
    const value = address.filters[filter];
    if (value !== undefined) query.set(filter, value);
  }
  for (const [key, value] of Object.entries(more)) query.set(key, value);
  return `/api/report/${name}?${query}`;
}

/** The same report as a file. */
export const csv = (path: string) => `${path}&format=csv`;

/** The filters of the page that a report does not take. */
export function untaken(name: string, address: Address, by = ""): Filter[] {
  const taken = takenBy(name, address, by);
  return (Object.keys(address.filters) as Filter[]).filter((filter) => !taken.includes(filter));
}

/** The entries of a list in KV. */
export const list = (name: string) => `/api/list/${encodeURIComponent(name)}`;
