// The problem when a report needs a setting that only the operator can add.

import { Problem } from "./problem.js";

/** @param {string} detail what to add */
export function unset(detail) {
  return new Problem(501, "analytics_unset", "There are no reports", detail);
}
