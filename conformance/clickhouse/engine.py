"""The SQL of Workers Analytics Engine, as far as its reference documents it: all else is refused.

https://developers.cloudflare.com/analytics/analytics-engine/sql-reference/
"""

from tokens import Refused, calls, tokens_of, written

FORMATS = ("JSON", "JSONEachRow", "TabSeparated")

FUNCTIONS = """
    count sum avg min max countIf sumIf avgIf quantileExactWeighted quantileWeighted argMax argMin first_value
    last_value topK topKWeighted
    if intDiv log ln pow round floor ceil toUInt8 toUInt32 bin hex
    bitAnd bitCount bitHammingDistance bitNot bitOr bitRotateLeft bitRotateRight bitShiftLeft bitShiftRight bitTest
    bitXor
    length empty lower lowerUTF8 toLower upper upperUTF8 toUpper startsWith endsWith position substring format extract
    formatDateTime now today toDateTime toYear toMonth toDayOfMonth toDayOfWeek toHour toMinute toSecond
    toUnixTimestamp toStartOfInterval toStartOfYear toStartOfMonth toStartOfWeek toStartOfDay toStartOfHour
    toStartOfFifteenMinutes toStartOfTenMinutes toStartOfFiveMinutes toStartOfMinute toYYYYMM
""".split()
KNOWN = {function.lower() for function in FUNCTIONS}

# Words of ClickHouse that the reference does not have. `DISTINCT` is documented within aggregates alone.
UNKNOWN_WORDS = (
    "ALL ANTI ANY ARRAY ASOF CASE CAST CROSS EXCEPT EXISTS FINAL FULL GLOBAL INNER INTERSECT INTO JOIN LATERAL LEFT NATURAL "
    "NULLS OUTER OVER PREWHERE QUALIFY RIGHT ROLLUP SAMPLE SEMI SETTINGS TOTALS UNION USING WINDOW WITH"
).split()

CLAUSES = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FORMAT")


def translated(sql, datasets):
    """What ClickHouse runs for a statement, and the format of its answer."""
    tokens = tokens_of(sql, backslashes=True)
    tokens, form = without_format(tokens)
    if not tokens or not tokens[0].is_word("SELECT"):
        raise Refused("a statement is SELECT or SHOW")
    for at, token in enumerate(tokens):
        check_word(tokens, at, token)
        if token.is_word("FROM") and not is_extract(tokens, at):
            check_source(tokens, at, datasets)
    for function, _ in calls(tokens):
        if function.lower() not in KNOWN:
            raise Refused(f"unknown function `{function}`")
    return written(tokens), form


def check_word(tokens, at, token):
    before = tokens[at - 1] if at > 0 else None
    if token.kind == "parameter":
        raise Refused(f"`{token.value}` is no literal, and there are no parameters")
    if token.is_word("ALL") and before.is_word("LIMIT"):
        return
    if token.is_word(*UNKNOWN_WORDS):
        raise Refused(f"`{token.value}` is not supported")
    if token.is_word("DISTINCT") and not before.is_sign("("):
        raise Refused("`DISTINCT` is for aggregate functions")
    if token.is_word("SELECT") and at > 0 and not (before.is_sign("(") and tokens[at - 2].is_word("FROM")):
        raise Refused("a subquery stands behind FROM alone")
    if token.is_word("INTERVAL") and tokens[at + 1].kind != "text":
        raise Refused("the number of an INTERVAL is in quotes")
    if token.is_word("BY") and not before.is_word("GROUP", "ORDER"):
        raise Refused("`BY` is for GROUP and ORDER")


def check_source(tokens, at, datasets):
    """One table, or a subquery: no list, no other database, no alias."""
    following = tokens[at + 1 : at + 3]
    if following and following[0].is_sign("("):
        return
    if not following or following[0].kind not in ("word", "name") or following[0].value.strip('"`') not in datasets:
        raise Refused(f"unknown table `{following[0].value if following else ''}`")
    if len(following) > 1 and not (following[1].is_word(*CLAUSES) or following[1].is_sign(")")):
        raise Refused(f"unexpected `{following[1].value}` behind the table")


def is_extract(tokens, at):
    """`extract(SECOND FROM timestamp)`."""
    return at >= 3 and tokens[at - 2].is_sign("(") and tokens[at - 3].is_word("EXTRACT")


def without_format(tokens):
    at = next((at for at, token in enumerate(tokens) if token.is_word("FORMAT") and not is_call(tokens, at)), None)
    if at is None:
        return tokens, "JSON"
    if len(tokens) != at + 2 or tokens[-1].value not in FORMATS:
        raise Refused(f"FORMAT is the last clause, and one of {', '.join(FORMATS)}")
    return tokens[:at], tokens[-1].value


def is_call(tokens, at):
    return at + 1 < len(tokens) and tokens[at + 1].is_sign("(")
