// Answers as a page starts with them. A policy can have 10,000 routes and a list 10,000 entries; a document that carries
// all of them is slow to load, and shows few. The browser has the whole answer after its first round.

import type { Address } from "../address.ts";
import { POLICY } from "./queries.ts";
import { type Fields, members, objects, text, texts } from "./read.ts";

/** The most routes of a page, and the most entries of a list and of a route. */
export const MOST_ROUTES = 50;
const MOST_ENTRIES = 1000;
const MOST_OF_ROUTE = 100;

/** The answer to a path with what a view shows of it. How much is left out is said where it is counted. */
export function trimmed(path: string, body: unknown, address: Address): unknown {
  if (typeof body !== "object" || body === null) return body;
  const all = body as Fields;
  if (path === POLICY && typeof all.policy === "object" && all.policy !== null)
    return { ...all, policy: trimPolicy(all.policy as Fields, address) };
  if (path.startsWith("/api/list/") && Array.isArray(all.entries) && all.entries.length > MOST_ENTRIES) {
    return { ...all, size: all.size ?? all.entries.length, entries: all.entries.slice(0, MOST_ENTRIES) };
  }
  return body;
}

function trimPolicy(policy: Fields, address: Address): Fields {
  const lists = trimLists(policy);
  if (!Array.isArray(policy.routes)) return lists;
  const routes = objects(policy.routes);
  if (routes.length <= MOST_ROUTES || (address.pathname === "/routes" && address.all))
    return { ...lists, routes: routes.map(trimRoute) };
  const found =
    address.pathname === "/routes"
      ? routes.filter((route) => matches(address.search, text(route.name), text(route.path), texts(route.hosts)))
      : routes;
  const shown = found.slice(0, MOST_ROUTES).map(trimRoute);
  return { ...lists, routes: shown, routes_total: routes.length, routes_found: found.length };
}

/** The lists in the policy with their first entries, and beside them how many entries the cut ones have. */
function trimLists(policy: Fields): Fields {
  const sizes: Record<string, number> = {};
  const lists = members(policy.allowlists).map(([name, list]) => {
    if (!Array.isArray(list) || list.length <= MOST_ENTRIES) return [name, list] as const;
    sizes[name] = list.length;
    return [name, list.slice(0, MOST_ENTRIES)] as const;
  });
  if (Object.keys(sizes).length === 0) return policy;
  return { ...policy, allowlists: Object.fromEntries(lists), allowlist_sizes: sizes };
}

/** A route with its first entries. Names of lists and a lone `*` are none of them. */
function trimRoute(route: Fields): Fields {
  const cors = typeof route.cors === "object" && route.cors !== null ? (route.cors as Fields) : undefined;
  if (cors === undefined || !Array.isArray(cors.origins) || cors.origins.length <= MOST_OF_ROUTE) return route;
  const isEntry = (origin: unknown) => !(typeof origin === "string" && (origin.startsWith("@") || origin === "*"));
  const entries = cors.origins.filter(isEntry);
  const others = cors.origins.filter((origin) => !isEntry(origin));
  const origins = [...others, ...entries.slice(0, MOST_OF_ROUTE)];
  return { ...route, cors: { ...cors, origins, entries_total: entries.length } };
}

/** Whether a route has the text that is searched for in its name, its path or a host. */
export function matches(search: string | undefined, name: string, path: string, hosts: readonly string[]): boolean {
  if (search === undefined) return true;
  const wanted = search.toLowerCase();
  return [name, path, ...hosts].some((each) => each.toLowerCase().includes(wanted));
}
