// The secrets of the Worker that an upstream gets in headers of its requests. Their values are nowhere but here and in
// the request: not in the Wasm, in a message, in the log or in a response.

/** @typedef {import("../wire/plan.js").SecretHeader} SecretHeader */

/** A header value: printable ASCII without space at its ends. The platform would quote any other in its error. */
const VALUE = /^[!-~](?:[\t -~]*[!-~])?$/;

/** The shortest value that is looked for in other texts. A shorter one would be found by chance. */
const SHORTEST = 8;

/**
 * @param {Env} env
 * @param {string} name of the secret
 * @returns {unknown}
 */
const boundTo = (env, name) => Reflect.get(env, name);

/**
 * Sets headers to secrets.
 *
 * @param {Headers} headers
 * @param {SecretHeader[]} secrets
 * @param {Env} env
 * @returns {string | undefined} what is wrong with the first secret that cannot be sent
 */
export function setSecrets(headers, secrets, env) {
  for (const { name, scheme, secret } of secrets) {
    const value = boundTo(env, secret);
    if (value === undefined) return `the secret ${secret} is not bound`;
    if (typeof value !== "string") return `the binding ${secret} is not a text`;
    if (value === "") return `the secret ${secret} is empty`;
    if (!VALUE.test(value))
      return `the secret ${secret} has characters that a header cannot have, or space at its ends`;
    headers.set(name, scheme + value);
  }
  return undefined;
}

/**
 * Whether a text of the upstream contains a secret that it was sent.
 *
 * @param {string} text
 * @param {SecretHeader[]} secrets
 * @param {Env} env
 */
export function revealsSecret(text, secrets, env) {
  return secrets.some(({ secret }) => {
    const value = boundTo(env, secret);
    return typeof value === "string" && value.length >= SHORTEST && text.includes(value);
  });
}
