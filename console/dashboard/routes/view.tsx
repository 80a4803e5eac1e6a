// The routes: what each really grants, and to whom.

import { count, percent } from "../../shared/format.ts";
import { ShareBar, Sparkline } from "../../shared/marks.tsx";
import { type Address, linkTo, linkToView, rangeName } from "../address.ts";
import { type Answers, bodyOf } from "../data/answer.ts";
import { matches, MOST_ROUTES } from "../data/trim.ts";
import { entryQueries } from "../data/entries.ts";
import { HISTORY, POLICY, report, STATUS } from "../data/queries.ts";
import { readOutcomes, readShare, readUnused, type ShareRow, type Unused } from "../data/reports.ts";
import { type Policy, type Route, readPolicy } from "../data/state.ts";
import { kindOf } from "../overview/series.ts";
import { Shown, tryRead } from "../shown.tsx";
import type { View, ViewProps } from "../view.ts";
import { grantOf } from "./grant.ts";
import { ListsOf } from "./lists.tsx";

const pathsOf = (address: Address) => ({
  share: report("share", address, { by: "route", limit: "1000" }),
  outcomes: report("outcomes", address, { by: "outcome,reason,route", limit: "500" }),
  unused: report("unused", { ...address, since: "30d", until: undefined }, { limit: "1000" }),
});

const queries = (address: Address, answers: Answers) => [
  STATUS,
  HISTORY,
  ...Object.values(pathsOf(address)),
  ...entryQueries(answers),
];

export const routes: View = { pathname: "/routes", name: "Routes", title: () => "Routes", queries, Page };

function Page({ address, answers }: ViewProps) {
  return (
    <>
      <h1>What each route grants</h1>
      <p class="lead">In the order in which they are tried: the first that matches host and path decides.</p>
      <search>
        <form class="search" method="get" action="/routes">
          <label for="q">Find a route</label>
          <input id="q" name="q" type="search" value={address.search ?? ""} placeholder="a name, a host or a path" />
          <input type="hidden" name="since" value={address.since} />
          <button type="submit">Find</button>
        </form>
      </search>
      <Shown answer={answers[POLICY]} read={readPolicy} what="the routes">
        {(policy) => <Routes policy={policy} address={address} answers={answers} />}
      </Shown>
    </>
  );
}

function Routes({ policy, address, answers }: ViewProps & { policy: Policy }) {
  const paths = pathsOf(address);
  const found = policy.routes.filter(({ name, path, hosts }) => matches(address.search, name, path, hosts));
  const foundCount = policy.found ?? found.length;
  const shown = address.all ? found : found.slice(0, MOST_ROUTES);
  const shares = new Map(
    tryRead(readShare, bodyOf(answers[paths.share]))?.rows.map((row) => [row.keys.route ?? "", row]),
  );
  const curves = curvesOf(answers[paths.outcomes] && bodyOf(answers[paths.outcomes]));
  const unused = tryRead(readUnused, bodyOf(answers[paths.unused]));
  return (
    <>
      {address.search !== undefined && (
        <p class="note">
          {count(foundCount)} of {count(policy.total)} routes.{" "}
          <a href={linkTo(address, { search: undefined })}>Show all</a>
        </p>
      )}
      {shown.map((route) => (
        <RouteArticle
          key={route.name}
          route={route}
          policy={policy}
          address={address}
          answers={answers}
          share={shares.get(route.name)}
          curve={curves.get(route.name)}
          unused={unused}
        />
      ))}
      {shown.length < foundCount && (
        <p class="note">
          {count(shown.length)} of {count(foundCount)} routes. <a href={linkTo(address, { all: true })}>Show all</a>
        </p>
      )}
    </>
  );
}

/** The refusals of each route over the range. */
function curvesOf(body: unknown): Map<string, number[]> {
  const outcomes = tryRead(readOutcomes, body);
  const curves = new Map<string, number[]>();
  if (outcomes === undefined) return curves;
  const { step, since, until } = outcomes;
  const first = Math.floor(since / step) * step;
  const length = Math.min(Math.max(1, Math.ceil((until - first) / step)), 2000);
  for (const { route, time, outcome, reason, decisions } of outcomes.rows) {
    const kind = kindOf(outcome, reason);
    const at = Math.floor((time - first) / step);
    if ((kind !== "reject" && kind !== "strip" && kind !== "would_reject") || at < 0 || at >= length) continue;
    const curve = curves.get(route) ?? new Array<number>(length).fill(0);
    curve[at] = (curve[at] ?? 0) + decisions;
    curves.set(route, curve);
  }
  return curves;
}

interface ArticleProps extends ViewProps {
  route: Route;
  policy: Policy;
  share?: ShareRow;
  curve?: number[];
  unused?: Unused;
}

function RouteArticle({ route, policy, address, answers, share, curve, unused }: ArticleProps) {
  const grant = grantOf(route);
  const { cors, mode } = route;
  const rows: [string, string][] = [
    ["Origins", grant.origins],
    ["Methods", grant.methods],
    ["Request headers", grant.headers],
    ["Credentials", grant.credentials],
    ["Readable headers", grant.exposed],
    ["Preflights", grant.preflight],
    ["Any other origin", grant.disallowed],
    ["WebSocket", grant.websocket],
    ["Limits", grant.limits.length === 0 ? "none" : grant.limits.join("; ")],
    ["Upstream", grant.upstream],
  ];
  return (
    <article class="route" aria-labelledby={`route-${route.name}`}>
      <div class="heading">
        <h2 id={`route-${route.name}`}>
          <a class="name" href={linkToView(address, "/", { route: route.name })}>
            {route.name}
          </a>
        </h2>
        <p class="where">
          <code>{route.path}</code> on {route.hosts.length === 0 ? "every host" : route.hosts.slice(0, 4).join(", ")}
          {route.hosts.length > 4 && ` and ${route.hosts.length - 4} more`}
        </p>
        <p class="tags">
          {mode === "report" && <span class="tag would">only reports</span>}
          {cors?.anyOrigin && <span class="tag">any origin</span>}
          {cors?.credentials && <span class="tag">credentials</span>}
          {cors?.dangerous.map((name) => (
            <span key={name} class="tag refused">
              {name}
            </span>
          ))}
        </p>
        {share !== undefined && (
          <p class="share-cell">
            <span class="figure">
              {share.fewRows && share.share < 1 ? "≈ " : ""}
              {percent(share.share)} refused
            </span>
            <ShareBar share={share.share} tone="refused" />
            {curve !== undefined && <Sparkline values={curve} tone="refused" />}
            <span class="beside">
              {count(share.refused)} of about {count(share.decisions)} in {rangeName(address)}
            </span>
          </p>
        )}
      </div>
      <dl class="grant">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {cors !== undefined && !cors.anyOrigin && (
        <ListsOf cors={cors} route={route.name} policy={policy} answers={answers} unused={unused} />
      )}
    </article>
  );
}
