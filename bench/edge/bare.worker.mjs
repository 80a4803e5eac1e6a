// The lower bound: a Worker without CORS that only forwards requests, with the same timeout as the gateway.

const TIMEOUT_MILLISECONDS = 30_000;

export default {
  /** @param {Request} request @param {{ UPSTREAM: string }} env */
  async fetch(request, { UPSTREAM }) {
    const { pathname, search } = new URL(request.url);
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), TIMEOUT_MILLISECONDS);
    try {
      return await fetch(new Request(UPSTREAM + pathname + search, request), { signal: controller.signal });
    } finally {
      clearTimeout(timer);
    }
  },
};
