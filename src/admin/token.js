// Sign-in with the bearer token (RFC 6750) in the secret `ADMIN_TOKEN`.

/** The shortest secret: clients can guess repeatedly. This is 256 bits if it is random. */
const FEWEST_BYTES = 32;
/** The longest token. A longer one is rejected without a comparison. */
const MOST_CHARACTERS = 8192;

const encoder = new TextEncoder();

/** @type {Map<string, ArrayBuffer>} the digest of the one secret that an isolate ever has */
const digests = new Map();

/**
 * The secret, if it is usable.
 *
 * @param {Env} env
 * @returns {{ secret?: string, error?: string }} the error says what to write
 */
export function tokenOf({ ADMIN_TOKEN: secret }) {
  if (typeof secret !== "string" || secret === "") return { error: "there is no secret `ADMIN_TOKEN`" };
  // A header value cannot begin or end with white space, so nobody could send such a secret.
  if (secret.trim() !== secret) return { error: "`ADMIN_TOKEN` begins or ends with white space" };
  const { length } = encoder.encode(secret);
  if (length >= FEWEST_BYTES) return { secret };
  return {
    error: `\`ADMIN_TOKEN\` has ${length} bytes: it needs ${FEWEST_BYTES}, as from \`openssl rand -base64 32\``,
  };
}

/**
 * The token of a request.
 *
 * @param {Headers} headers
 * @returns {string | undefined} undefined without a bearer token; two `Authorization` lines count as one wrong token
 */
export function bearerOf(headers) {
  // The name of a scheme is case-insensitive (RFC 9110, 11.1).
  const [, token] = headers.get("authorization")?.match(/^bearer +(.+)$/is) ?? [];
  return token;
}

/**
 * Whether a token is the secret. The time that it takes reveals nothing about either: hashes of equal length are
 * compared in constant time.
 *
 * @param {string} token
 * @param {string} secret
 * @returns {Promise<boolean>}
 */
export async function isToken(token, secret) {
  if (token.length > MOST_CHARACTERS) return false;
  const expected = digests.get(secret) ?? (await digest(secret));
  digests.set(secret, expected);
  return crypto.subtle.timingSafeEqual(await digest(token), expected);
}

/** @param {string} text */
function digest(text) {
  return crypto.subtle.digest("SHA-256", encoder.encode(text));
}
