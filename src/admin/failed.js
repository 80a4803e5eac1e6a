// An unexpected error.

import { textOf, warn } from "./log.js";
import { adminFailed } from "./problem.js";

/**
 * Writes it to the log and not into the response.
 *
 * @param {ExecutionContext} context
 * @param {unknown} error
 * @returns {import("./problem.js").Problem} for the client
 */
export function failed(context, error) {
  try {
    warn(context, "admin_failed", { error: textOf(error) });
  } catch {
    // If even that fails, write this line without the details.
    console.error(JSON.stringify({ event: "admin_failed" }));
  }
  return adminFailed();
}
