// Signed texts that the admin host makes and later accepts: sessions and sign-in links. The keys are derived from the
// admin token, so that a new token voids everything signed with the one before. Only WebCrypto is used here, which
// Node.js has too: `npm start` signs its link with this module.

const encoder = new TextEncoder();

/** HMAC-SHA-256 in base64url without padding: 43 characters, 32 bytes. */
const SIGNATURE = /^[A-Za-z0-9_-]{43}$/;

/**
 * By purpose and secret; an isolate has one secret. Keys, not promises of them: a promise never settles once the client
 * of its request has disconnected, and others would wait for it.
 *
 * @type {Map<string, Awaited<ReturnType<typeof derive>>>}
 */
const keys = new Map();

/**
 * @param {string} secret the admin token
 * @param {string} purpose what the text is for: a signature is valid for one purpose
 * @param {string} text
 * @returns {Promise<string>}
 */
export async function sign(secret, purpose, text) {
  return toBase64Url(await crypto.subtle.sign("HMAC", await keyOf(secret, purpose), encoder.encode(text)));
}

/**
 * Whether a signature is that of the text, compared in constant time.
 *
 * @param {string} secret
 * @param {string} purpose
 * @param {string} text
 * @param {string} signature
 * @returns {Promise<boolean>}
 */
export async function isSigned(secret, purpose, text, signature) {
  if (!SIGNATURE.test(signature)) return false;
  const bytes = fromBase64Url(signature);
  // The last character has two bits that decoding ignores: only one spelling of a signature is valid.
  if (toBase64Url(bytes) !== signature) return false;
  return crypto.subtle.verify("HMAC", await keyOf(secret, purpose), bytes, encoder.encode(text));
}

/**
 * Random bytes in base64url.
 *
 * @param {number} length in bytes
 */
export function random(length) {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(length)));
}

/** @param {string} secret @param {string} purpose */
async function keyOf(secret, purpose) {
  const name = `${purpose}\n${secret}`;
  const key = keys.get(name) ?? (await derive(secret, purpose));
  keys.set(name, key);
  return key;
}

/** HKDF (RFC 5869) without a salt: the token is random already. @param {string} secret @param {string} purpose */
async function derive(secret, purpose) {
  const token = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const info = encoder.encode(`corsgate ${purpose}`);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info },
    token,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign", "verify"],
  );
}

/** @param {ArrayBuffer | Uint8Array} bytes */
function toBase64Url(bytes) {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function fromBase64Url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0));
}
