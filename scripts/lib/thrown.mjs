// Reads thrown values, which can be anything.

/**
 * The code of a system error, such as `ENOENT`.
 *
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function codeOf(error) {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/**
 * @param {unknown} error
 * @returns {string}
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Why a file cannot be read.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function whyUnreadable(error) {
  return codeOf(error) === "ENOENT" ? "there is no such file" : messageOf(error);
}
