// All the JavaScript of the Worker but its entry. Each crossing between JavaScript and Wasm costs about as much as the
// whole decision, so a request crosses twice: `gather` hands over everything that decides, as one text, and one of
// `respond`, `forward` and `refuseSocket` does what was decided, told as one text. Before it is forwarded `headerNames`
// tells which headers there are; where an upstream fails, or names a Vary or a Location, Wasm is asked once more. What
// must wait for KV or for a limit waits in `waiting.js`. Bodies never enter the Wasm: they stay the platform's own
// streams. Nothing is decided here.
//
// Texts are lines. No method, parsed URL or header can hold a line break, so nothing needs escaping.

// The bindings of the Wasm. They are called only while requests are served; what they need they are given, since the
// instance that planned a request may have been replaced after a panic when its response arrives. Where it has yet to
// be, `wake` does it.
import { failure_lines, merge_vary, public_location, record_failure, record_response, wake } from "corsgate-wasm";

/**
 * What is absent is an empty line; what is there, if only an empty value, begins with `=`.
 *
 * @param {string | null} value
 */
const line = (value) => (value === null ? "" : "=" + value);

/**
 * Everything about a request that the decision can depend on, in the order in which `gathered.rs` reads it.
 *
 * @param {Request} request
 */
export function gather(request) {
  const { method, headers } = request;
  let href = "";
  try {
    href = new URL(request.url).href;
  } catch {
    // A Host or target that no URL can hold: the empty line says so.
  }
  const origin = headers.get("origin");
  const isOptions = method === "OPTIONS";
  const mayBeCached = method === "GET" || method === "HEAD";
  return (
    method +
    "\n" +
    href +
    "\n" +
    line(origin) +
    "\n" +
    (isOptions ? line(headers.get("access-control-request-method")) : "") +
    "\n" +
    (isOptions ? line(headers.get("access-control-request-headers")) : "") +
    "\n" +
    (origin === "null" ? line(headers.get("sec-fetch-site")) : "") +
    "\n" +
    line(headers.get("upgrade")) +
    "\n" +
    (mayBeCached ? line(headers.get("accept")) : "") +
    "\n" +
    (mayBeCached && headers.has("authorization") ? "=" : "") +
    "\n" +
    (mayBeCached || request.body === null || headers.get("content-length") === "0" ? "" : "=") +
    "\n" +
    line(headers.get("cf-connecting-ip")) +
    "\n" +
    line(headers.get("corsgate-hop"))
  );
}

/** The value of one header; for what is rarely needed. @param {Request} request @param {string} name */
export function header(request, name) {
  return request.headers.get(name) ?? undefined;
}

/**
 * The names of all headers, in lower case: what a client may not tell an upstream comes in spellings that nobody can list.
 *
 * @param {Request} request
 */
export function headerNames(request) {
  return [...request.headers.keys()].join(" ");
}

// Answers at the edge are few: one for each origin and route, or reason and route. Copying one costs the platform less
// than half of making it from names and values.
/** @type {Map<string, Response>} */
const templates = new Map();
const MOST_TEMPLATES = 500;

/**
 * Answers at the edge. `head` holds names and values in turn.
 *
 * @param {number} status
 * @param {string} head
 * @param {string} [body]
 */
export function respond(status, head, body) {
  let template = templates.get(head);
  if (template?.status !== status) {
    if (templates.size >= MOST_TEMPLATES) templates.clear();
    template = new Response(null, { status, headers: pairs(head) });
    templates.set(head, template);
  }
  return new Response(body, template);
}

// A client that never answers a close holds its connection, and some 70 kB of the isolate, for as long as it likes.
// Sockets are told apart by when they were closed: all have the same time, so the oldest stands first.
/** @type {Map<WebSocket, { client: string, until: number }>} */
const closing = new Map();
/**
 * In milliseconds: how long a client may take to answer a close before its connection is ended. All that its request does
 * behind the answer ends with it, such as a refresh or a batch of the store: so it is longer than these may take.
 */
const CLOSING = 7000;
/** How many sockets of one client, and of all, may wait for that at a time. */
const MOST_CLOSING = 16;
const MOST_CLOSING_OF_ALL = 256;

/**
 * Accepts a WebSocket and closes it at once: the one refusal of a handshake whose reason a page can read.
 *
 * @param {ExecutionContext} context
 * @param {string} head names and values in turn
 * @param {number} code
 * @param {string} reason
 * @param {string} client a key of its address
 * @returns {Response | undefined} nothing where too many are being closed already
 */
export function refuseSocket(context, head, code, reason, client) {
  const now = Date.now();
  // A time and no event: a request that the platform ends hears no more of its socket.
  for (const [socket, { until }] of closing) {
    if (now < until) break;
    closing.delete(socket);
  }
  let own = 0;
  for (const other of closing.values()) if (other.client === client) own += 1;
  if (own >= MOST_CLOSING || closing.size >= MOST_CLOSING_OF_ALL) return undefined;
  const pair = new WebSocketPair();
  const server = pair[1];
  server.accept();
  closing.set(server, { client, until: now + CLOSING });
  // Only the end of the whole request ends a connection whose client is silent.
  const timer = setTimeout(() => {
    closing.delete(server);
    context.abort("a refused WebSocket was not closed by its client");
  }, CLOSING);
  server.addEventListener("close", () => {
    closing.delete(server);
    clearTimeout(timer);
  });
  server.close(code, reason);
  return new Response(null, { status: 101, headers: pairs(head), webSocket: pair[0] });
}

/** @param {string} head names and values in turn */
function pairs(head) {
  const lines = head.split("\n");
  /** @type {Record<string, string>} */
  const headers = Object.create(null);
  for (let at = 0; at + 1 < lines.length; at += 2) headers[lines[at]] = lines[at + 1];
  return headers;
}

// The lines of a plan: the URL, the gateway's own origin, the upstream's URL, what a record needs of the decision, whether
// the response is to be recorded, the names for Vary. Then come the changes.
const TARGET = 0;
const OWN_ORIGIN = 1;
const UPSTREAM = 2;
const SUMMARY = 3;
const RECORDED = 4;
const VARY = 5;
const CHANGES = 6;

/**
 * A plan whose part about the request is done.
 *
 * @typedef {object} Planned
 * @property {Request} request
 * @property {Env} env
 * @property {ExecutionContext} context
 * @property {string[]} lines
 * @property {number} at where the changes of the response begin
 * @property {number} removes
 * @property {number} sets
 * @property {number} appends
 * @property {string} [own]
 */

/**
 * Sends a request on and stamps what comes back.
 *
 * The changes of the plan are names to remove from the request, names and values to set on it, and the same for the
 * response, and names and values to append to it. The numbers say how many there are of each.
 *
 * On a route that reports the upstream's CORS headers stay, and `own` holds the headers for an answer of the gateway's.
 *
 * `timeout` is in milliseconds, 0 for none, and ends with the head of the response. Once the 504 is sent the platform
 * drops what is left of the request, its connection to the upstream included.
 *
 * @param {Request} request
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {Fetcher | undefined} binding
 * @param {string} plan
 * @param {number} requestRemoves
 * @param {number} requestSets
 * @param {number} removes
 * @param {number} sets
 * @param {number} appends
 * @param {string | undefined} own
 * @param {number} timeout
 * @returns {Response | Promise<Response>}
 */
export function forward(
  request,
  env,
  context,
  binding,
  plan,
  requestRemoves,
  requestSets,
  removes,
  sets,
  appends,
  own,
  timeout,
) {
  const lines = plan.split("\n");
  const at = CHANGES + requestRemoves + 2 * requestSets;
  const planned = { request, env, context, lines, at, removes, sets, appends, own };
  let response;
  try {
    const onward = new Request(lines[TARGET], request);
    // Each look at a property of the platform's is a call: this one is made once.
    const { headers } = onward;
    let next = CHANGES;
    for (const end = next + requestRemoves; next < end; next += 1) headers.delete(lines[next]);
    for (const end = next + 2 * requestSets; next < end; next += 2) headers.set(lines[next], lines[next + 1]);
    response = binding === undefined ? fetch(onward) : binding.fetch(onward);
  } catch (error) {
    return fail(planned, "upstream_unreachable", error);
  }
  if (timeout === 0) {
    return response.then(
      (response) => stamp(planned, response),
      (error) => fail(planned, "upstream_unreachable", error),
    );
  }
  return new Promise((resolve) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(fail(planned, "upstream_timeout"));
    }, timeout);
    response.then(
      (response) => {
        clearTimeout(timer);
        if (late) discard(response);
        else resolve(stamp(planned, response));
      },
      (error) => {
        clearTimeout(timer);
        resolve(fail(planned, "upstream_unreachable", error));
      },
    );
  });
}

/** The upstream's response with the planned headers. @param {Planned} planned @param {Response} response */
function stamp(planned, response) {
  // What comes from this gateway at the other end of a loop; only the upstream itself could say so wrongly.
  if (response.status === 502 && response.headers.get("corsgate-decision")?.includes("reason=upstream_loop")) {
    return fail(planned, "upstream_loop", undefined, response);
  }
  let stamped;
  try {
    stamped = new Response(response.body, response);
  } catch (error) {
    // A status that the platform receives but cannot send.
    return fail(planned, "upstream_invalid", error, response);
  }
  const { headers } = stamped;
  const { lines } = planned;
  /** @type {string | null} */
  let vary = null;
  // All names before any is removed: what walks over a list must not shorten it.
  for (const name of [...headers.keys()]) {
    if (name.startsWith("access-control-") || name.startsWith("corsgate-")) {
      if (planned.own === undefined) headers.delete(name);
    } else if (name === "vary") {
      vary = headers.get(name);
    } else if ((name === "location" || name === "content-location") && lines[UPSTREAM] !== "") {
      wake();
      const location = public_location(headers.get(name) ?? "", lines[UPSTREAM], lines[OWN_ORIGIN]);
      if (location !== undefined) headers.set(name, location);
    }
  }
  if (lines[VARY] !== "") {
    if (vary !== null) wake();
    const merged = vary === null ? lines[VARY] : merge_vary(vary, lines[VARY]);
    if (merged !== undefined) headers.set("vary", merged);
  }
  write(planned, headers);
  if (lines[RECORDED] !== "") recorded(() => recordResponse(planned, stamped));
  return stamped;
}

/**
 * The answer when the upstream gave none that can be passed on: planned headers, and the failure's own.
 *
 * @param {Planned} planned
 * @param {string} reason
 * @param {unknown} [error]
 * @param {Response} [response]
 */
function fail(planned, reason, error, response) {
  discard(response);
  const { lines } = planned;
  recorded(() => recordFailure(planned, reason, error));
  wake();
  const [answer, protection] = failure_lines(reason, lines[SUMMARY]).split("\n\n");
  const [status, body, ...head] = answer.split("\n");
  const headers = new Headers(planned.own === undefined ? {} : pairs(planned.own));
  if (planned.own === undefined) {
    write(planned, headers);
    if (lines[VARY] !== "") headers.set("vary", lines[VARY]);
  }
  for (const [name, value] of Object.entries(pairs(protection))) if (!headers.has(name)) headers.set(name, value);
  for (let at = 0; at < head.length; at += 2) headers.set(head[at], head[at + 1]);
  return new Response(body, { status: Number(status), headers });
}

const ALLOW = ["origin", "credentials", "methods", "headers"].map((what) => "access-control-allow-" + what);

/** @param {Planned} planned @param {Response} response */
function recordResponse({ request, env, context, lines, own }, { status, headers }) {
  const cors = own === undefined ? "" : ALLOW.map((name) => line(headers.get(name))).join("\n");
  record_response(request, env, context, lines[SUMMARY], status, cors);
}

/** @param {Planned} planned @param {string} reason @param {unknown} error */
function recordFailure({ request, env, context, lines }, reason, error) {
  record_failure(request, env, context, lines[SUMMARY], reason, lines[UPSTREAM], error ? String(error) : undefined);
}

/** An answer never depends on whether it can be recorded. @param {() => void} record */
function recorded(record) {
  try {
    wake();
    record();
  } catch (error) {
    console.warn(JSON.stringify({ event: "record_failed", error: String(error) }));
  }
}

/**
 * What is not passed on must not keep its connection open. Whether the upstream hears of it changes nothing here.
 *
 * @param {Response} [response]
 */
function discard(response) {
  response?.body?.cancel().catch(() => {});
}

/** @param {Planned} planned @param {Headers} headers */
function write({ lines, at, removes, sets, appends }, headers) {
  for (const end = at + removes; at < end; at += 1) headers.delete(lines[at]);
  for (const end = at + 2 * sets; at < end; at += 2) headers.set(lines[at], lines[at + 1]);
  for (const end = at + 2 * appends; at < end; at += 2) headers.append(lines[at], lines[at + 1]);
}
