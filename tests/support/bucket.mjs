// The bucket of an origin, from docs/records.md alone.

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** @param {string} origin as it was cut */
export function bucket(origin) {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(hostOf(origin))) hash = Math.imul(hash ^ byte, PRIME) >>> 0;
  return (hash ^ Math.floor(hash / 256)) & 255;
}

/** @param {string} origin */
function hostOf(origin) {
  const scheme = origin.indexOf("://");
  const rest = scheme < 0 ? origin : origin.slice(scheme + 3);
  return rest.match(/^\[[^\]]*\]/)?.[0] ?? rest.split(":")[0];
}
