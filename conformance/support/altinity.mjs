// What the Altinity plugin for Grafana makes of a query before it asks, as far as docs/grafana.json uses it:
// https://github.com/Altinity/clickhouse-grafana, src/datasource/sql-query/ (sql_query.ts, sql-query-macros.ts and
// sql-query-helper.ts), for a column of type DATETIME.

const ALL = "$__all";

/** By how many each opens or closes. @type {Record<string, number>} */
const PARENTHESES = { "(": 1, ")": -1 };

/**
 * @typedef {object} View what the dashboard shows
 * @property {number} from seconds since 1970
 * @property {number} to
 * @property {number} interval seconds of a bar
 * @property {Record<string, string | string[]>} variables
 */

/**
 * @param {{ query: string, dateTimeColDataType: string }} target
 * @param {View} view
 * @returns {string} SQL
 */
export function expanded({ query, dateTimeColDataType }, { from, to, interval, variables }) {
  const filled = Object.entries(variables).reduce(
    (sql, [name, value]) => sql.replaceAll(new RegExp(`\\$${name}\\b`, "g"), () => interpolated(value)),
    conditional(query, variables),
  );
  return filled
    .replaceAll(/\$timeSeries\b/g, () => "(intDiv(toUInt32($dateTimeCol), $interval) * $interval) * 1000")
    .replaceAll(/\$timeFilter\b/g, () => "$dateTimeCol >= toDateTime($from) AND $dateTimeCol <= toDateTime($to)")
    .replaceAll(/\$from\b/g, String(from))
    .replaceAll(/\$to\b/g, String(to))
    .replaceAll(/\$dateTimeCol\b/g, dateTimeColDataType)
    .replaceAll(/\$interval\b/g, String(interval));
}

/**
 * `$conditionalTest(condition, $variable)`: nothing where all values are chosen.
 *
 * @param {string} query
 * @param {View["variables"]} variables
 * @returns {string}
 */
function conditional(query, variables) {
  const macro = "$conditionalTest(";
  const start = query.indexOf(macro);
  if (start < 0) return query;
  let [end, open] = [start + macro.length, 1];
  for (; open > 0; end += 1) open += PARENTHESES[query[end]] ?? 0;
  const inner = query.slice(start + macro.length, end - 1);
  const comma = inner.lastIndexOf(",");
  const value =
    variables[
      inner
        .slice(comma + 1)
        .trim()
        .slice(1)
    ];
  const condition = value.length === 1 && value[0] === ALL ? "" : inner.slice(0, comma);
  return conditional(`${query.slice(0, start)} ${condition} ${query.slice(end)}`, variables);
}

/** @param {string | string[]} value */
function interpolated(value) {
  if (!Array.isArray(value)) return value;
  return value.map((one) => `'${one.replace(/[\\']/g, "\\$&")}'`).join(",");
}
