// Signing in with the bearer token (RFC 6750) that the secret `ADMIN_TOKEN` holds.

/** Of a secret that can be sent again and again: 256 bits, if it is a random one. */
const FEWEST_BYTES = 32;
/** Nobody's token is longer; what is need not be looked at. */
const MOST_CHARACTERS = 8192;

const encoder = new TextEncoder();

/** @type {Map<string, ArrayBuffer>} the digest of the one secret that an isolate ever has */
const digests = new Map();

/**
 * The secret, if it is one.
 *
 * @param {Env} env
 * @returns {{ secret?: string, error?: string }} the error says what to write
 */
export function tokenOf({ ADMIN_TOKEN: secret }) {
  if (typeof secret !== "string" || secret === "") return { error: "there is no secret `ADMIN_TOKEN`" };
  // No header's value begins or ends with white space, so it would be a secret that nobody can send.
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
 * @returns {string | undefined} nothing where it says nothing as a bearer; two lines of the header are one wrong token
 */
export function bearerOf(headers) {
  // The name of a scheme is in any case (RFC 9110, 11.1).
  const [, token] = headers.get("authorization")?.match(/^bearer +(.+)$/is) ?? [];
  return token;
}

/**
 * Whether a token is the secret. How long that takes says nothing about either: what is compared, in constant time, are
 * hashes, which are of one length.
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
