// Runs in workerd, not in Node: stands in for a service that is bound to the Worker. It sends each request on to the
// address in `TARGET` as it is: redirects, streams and WebSockets pass through, because nothing is read here.

export default {
  /** @param {Request} request @param {{ TARGET: string }} env */
  fetch(request, { TARGET }) {
    const { pathname, search } = new URL(request.url);
    const base = TARGET.replace(/\/$/, "");
    return fetch(new Request(base + pathname + search, request), { redirect: "manual" });
  },
};
