// What stands in place of figures when there are none: what to type to see some, or which variable to set.

import { Copyable } from "../../shared/copy.tsx";
import { commandLine } from "../../shared/shell.ts";
import { useSurroundings } from "../../shared/surroundings.ts";
import { Prose } from "../prose.tsx";
import type { Policy } from "../data/state.ts";

/** Reports have no records to be made of. @param detail what the gateway says about it */
export function StoreOff({ detail }: { detail: string }) {
  // With a source that lacks something, only the gateway knows what.
  const unset = /`ANALYTICS`/.test(detail);
  return (
    <div class="sentence">
      <h1>
        <span class="count">This gateway keeps no records,</span> so there is nothing to show yet.
      </h1>
      {!unset && (
        <p>
          <Prose text={detail} />
        </p>
      )}
      <p>In the Worker&rsquo;s configuration, choose where records are:</p>
      <Copyable text={'ANALYTICS = "embedded"'} what="the variable for the gateway’s own store" />
      <p>counts in a Durable Object of the gateway, and needs no account token.</p>
      <Copyable text={'ANALYTICS = "engine"'} what="the variable for Analytics Engine" />
      <p>
        asks Analytics Engine, and needs <code>ACCOUNT_ID</code> and the secret <code>ANALYTICS_TOKEN</code>.
      </p>
      <p>Routes and the policy are shown without records.</p>
    </div>
  );
}

/** Nothing has been recorded in the range: what to send to see something. */
export function NothingRecorded({ policy }: { policy?: Policy }) {
  const { host } = useSurroundings();
  const route = policy?.routes.find(({ cors, mode }) => cors !== undefined && !cors.anyOrigin && mode === "enforce");
  const url = `${baseOf(route?.hosts[0], host)}${route?.path.replace(/\*$/, "") ?? "/"}`;
  return (
    <section aria-labelledby="try">
      <h2 id="try">Send something</h2>
      <p>A request of an origin that no list has is refused with 403, and is here a moment later:</p>
      <Copyable
        text={commandLine("curl", "-i", "-H", "Origin: https://stranger.example", url)}
        what="the request of a stranger"
      />
      <p>A preflight, as a browser sends it before a request with a method that needs permission:</p>
      <Copyable
        text={commandLine(
          "curl",
          "-i",
          "-X",
          "OPTIONS",
          "-H",
          "Origin: https://stranger.example",
          "-H",
          "Access-Control-Request-Method: PUT",
          url,
        )}
        what="the preflight"
      />
      <p>Only a share of allowed requests is recorded, so a quiet gateway can have answered and still show nothing.</p>
    </section>
  );
}

/** Where the routes of a policy answer. On this machine that is the port of the page. */
function baseOf(routeHost: string | undefined, pageHost: string | undefined): string {
  const name = routeHost?.startsWith("*.") ? `www${routeHost.slice(1)}` : (routeHost ?? "api.example.com");
  const port = pageHost?.match(/:\d+$/)?.[0] ?? "";
  const local = name === "localhost" || name === "127.0.0.1" || name.endsWith(".localhost");
  return local ? `http://${name}${port}` : `https://${name}`;
}
