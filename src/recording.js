// The platform's side of records. What is in them is decided elsewhere.

/** What Cloudflare alone says of a request: country, data centre and id, a line each. */
export function observe(request) {
  const { cf } = request;
  return (cf?.country ?? "") + "\n" + (cf?.colo ?? "") + "\n" + (request.headers.get("cf-ray") ?? "");
}

/**
 * Writes a data point to Analytics Engine, where it is bound.
 *
 * @param {object} env holds the binding `DECISIONS`
 * @param {string} lines the index, then the blobs, a line each
 * @returns {string | undefined} what went wrong: a request is answered all the same
 */
export function writePoint(env, lines, weight, status, milliseconds) {
  const { DECISIONS } = env;
  if (DECISIONS === undefined) return undefined;
  const blobs = lines.split("\n");
  const indexes = [blobs.shift()];
  try {
    DECISIONS.writeDataPoint({ indexes, blobs, doubles: [weight, status, milliseconds] });
    return undefined;
  } catch (error) {
    return String(error);
  }
}
