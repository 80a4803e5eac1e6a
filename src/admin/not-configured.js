// A report that cannot be, for want of something that only whoever deploys can add.

import { Problem } from "./problem.js";

/** @param {string} detail what to add */
export function unset(detail) {
  return new Problem(501, "analytics_unset", "There are no reports", detail);
}
