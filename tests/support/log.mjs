// The Worker's log: a line of JSON for each event.

/**
 * The events of a name, in order.
 *
 * @param {{ message: string }[]} entries
 * @param {string} name
 * @returns {Record<string, any>[]}
 */
export function events(entries, name) {
  return entries.map(parsed).filter(({ event }) => event === name);
}

/**
 * What workerd itself logs is no JSON, and no event.
 *
 * @param {{ message: string }} entry
 * @returns {Record<string, any>}
 */
function parsed({ message }) {
  try {
    return JSON.parse(message);
  } catch {
    return {};
  }
}
