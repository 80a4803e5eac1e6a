"""The dialect of the Analytics SQL binding, rewritten into what it means: the platform weighs aggregates by itself.

https://developers.cloudflare.com/analytics/sql-api/sql-reference/ and .../workers-binding/
"""

import re

from tokens import Refused, Token, calls, closing, literal, tokens_of, written

LONGEST_BYTES = 10 * 1024
DEEPEST = 10

# What it calls a column, and what the table does.
COLUMNS = {"sampleInterval": "_sample_interval", "timestamp": "timestamp", "dataset": "dataset", "index1": "index1"}
COLUMNS |= {f"{kind}{number}": f"{kind}{number}" for kind in ("blob", "double") for number in range(1, 21)}

WEIGHTED = {"sum", "count", "avg", "countif", "sumif", "avgif", "topk"}
# Exact extremes are refused for sampled data; these name what they are.
RENAMED = {"approx_min": "min", "approx_max": "max"}
SCALARS = """
    if intdiv round ceil ceiling floor log ln pow length lengthutf8 isempty empty tolower lower lowerutf8 toupper upper
    upperutf8 startswith endswith substring substr position strpos format touint8 touint32 bin hex bitand bitcount
    bithammingdistance bitnot bitor bitrotateleft bitrotateright bitshiftleft bitshiftright bittest bitxor date_part
    extract toyear tomonth todayofmonth todayofweek dayofweek tohour tominute tosecond toyyyymm tounixtimestamp
    formatdatetime todatetime todate timezone tostartofinterval tostartofday tostartofminute tostartoffiveminutes
    tostartoffiveminute tostartoftenminutes tostartoffifteenminutes tostartofhour tostartofweek tostartofmonth
    tostartofyear now current_timestamp today current_date argmax argmin first_value last_value topkweighted
    quantileweighted quantileexactweighted
""".split()

WORDS = """
    SELECT FROM WHERE GROUP ORDER BY HAVING LIMIT OFFSET AS AND OR NOT IN BETWEEN ASC DESC INTERVAL TRUE FALSE YEAR QUARTER
    MONTH WEEK DAY HOUR MINUTE SECOND
""".split()

# A time without its zone is rejected.
INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d))?")


def translated(query, params, datasets):
    """What ClickHouse runs for a statement."""
    if len(query.encode()) > LONGEST_BYTES:
        raise Refused(f"the statement is longer than {LONGEST_BYTES} bytes")
    tokens = tokens_of(query, backslashes=False)
    if any(token.depth > DEEPEST for token in tokens):
        raise Refused(f"more than {DEEPEST} parentheses within each other")
    check_clauses(tokens)
    tokens, table = without_source([filled(token, params) for token in tokens], datasets)
    check_names(tokens)
    check_lower_bound(tokens)
    return written(weighted(instants(renamed(tokens)))).replace("FROM dataset", f"FROM {table}", 1)


def filled(token, params):
    """Parameters are values, never SQL."""
    if token.kind != "parameter":
        return token
    name = token.value[1:]
    try:
        value = params[int(name) - 1] if isinstance(params, list) else params[name]
    except (KeyError, IndexError, ValueError):
        raise Refused(f"no value for `{token.value}`") from None
    if isinstance(value, bool):
        return Token("word", str(value).upper(), token.depth)
    if isinstance(value, (int, float)):
        return Token("number", repr(value), token.depth)
    if isinstance(value, str):
        return Token("text", value, token.depth)
    raise Refused(f"`{token.value}` is neither text nor number nor boolean")


def check_clauses(tokens):
    if not tokens or not tokens[0].is_word("SELECT") or any(token.is_word("SELECT") for token in tokens[1:]):
        raise Refused("one SELECT, without another in it")
    clauses = [token.value.upper() for token in tokens if token.depth == 0 and token.kind == "word"]
    if "FORMAT" in clauses:
        raise Refused("the binding takes no FORMAT")
    if "ORDER" in clauses and "LIMIT" not in clauses:
        raise Refused("ORDER BY needs LIMIT")
    for at, token in enumerate(tokens):
        if token.is_word("LIMIT", "OFFSET") and not (at + 1 < len(tokens) and tokens[at + 1].value.isdigit()):
            raise Refused(f"{token.value} takes a literal number")


def without_source(tokens, datasets):
    at = next((at for at, token in enumerate(tokens) if token.is_word("FROM") and token.depth == 0), None)
    source = tokens[at + 1 : at + 6] if at is not None else []
    if [token.value for token in source[:4]] != ["events", ".", "analyticsEngine", "."] or len(source) < 5:
        raise Refused('FROM takes one dataset: events.analyticsEngine."<dataset>"')
    table = source[4].value.strip('"')
    if table not in datasets:
        raise Refused(f"unknown dataset `{table}`")
    return tokens[: at + 1] + [Token("word", "dataset", 0)] + tokens[at + 6 :], table


def check_names(tokens):
    functions = {at - 1: name.lower() for name, at in calls(tokens)}
    for at, name in functions.items():
        if name in ("min", "max"):
            raise Refused(f"`{name}` is not exact on sampled data: APPROX_{name.upper()}")
        if name not in WEIGHTED and name not in RENAMED and name not in SCALARS:
            raise Refused(f"unknown function `{name}`")
    aliases = {tokens[at + 1].value for at, token in enumerate(tokens[:-1]) if token.is_word("AS")}
    for at, token in enumerate(tokens):
        if token.kind == "name" or (token.kind == "word" and at not in functions and token.value.upper() not in WORDS):
            if token.value not in COLUMNS and token.value not in aliases:
                raise Refused(f"unknown column `{token.value}`")


def check_lower_bound(tokens):
    """At the top of WHERE, where an OR cannot void it."""
    start = next((at for at, token in enumerate(tokens) if token.is_word("WHERE")), len(tokens))
    end = next((at for at in range(start, len(tokens)) if tokens[at].is_word("GROUP", "ORDER", "LIMIT")), len(tokens))
    top = [token for token in tokens[start:end] if token.depth == 0]
    if any(token.is_word("OR") for token in top):
        raise Refused("an OR beside the time bound: put it in parentheses")
    for column, comparison in zip(top, top[1:]):
        if column.value == "timestamp" and (comparison.is_sign(">", ">=") or comparison.is_word("BETWEEN")):
            return
    raise Refused("WHERE needs a lower bound of `timestamp`")


def renamed(tokens):
    return [
        Token("word", COLUMNS[token.value], token.depth) if token.value in COLUMNS and token.kind == "word" else token
        for token in tokens
    ]


def instants(tokens):
    """Texts that a timestamp is compared with."""
    result = []
    for at, token in enumerate(tokens):
        compared = at >= 2 and tokens[at - 2].value == "timestamp" and tokens[at - 1].is_sign(">", ">=", "<", "<=", "=")
        if token.kind == "text" and compared:
            if not INSTANT.fullmatch(token.value):
                raise Refused(f"`{token.value}` is no time with its zone")
            token = Token("word", f"parseDateTime64BestEffort({literal(token.value)}, 3, 'UTC')", token.depth)
        result.append(token)
    return result


def weighted(tokens):
    """Aggregates as the platform weighs them: each row stands for `_sample_interval` events."""
    result, at = [], 0
    while at < len(tokens):
        token = tokens[at]
        name = token.value.lower() if token.kind == "word" else ""
        is_call = at + 1 < len(tokens) and tokens[at + 1].is_sign("(")
        if is_call and name in RENAMED:
            result.append(Token("word", RENAMED[name], token.depth))
            at += 1
        elif is_call and name in WEIGHTED:
            end = closing(tokens, at + 1)
            result.append(Token("word", weighed(name, tokens[at + 2 : end]), token.depth))
            at = end + 1
        else:
            result.append(token)
            at += 1
    return result


def weighed(name, inner):
    arguments = split(inner)
    if any(token.is_word("DISTINCT") for token in inner):
        raise Refused("DISTINCT is not taken here")
    weight, first = "_sample_interval", written(arguments[0]) if arguments else ""
    if name == "count":
        if first not in ("", "*"):
            raise Refused("COUNT takes no expression")
        return f"sum({weight})"
    last = written(arguments[-1])
    return {
        "sum": f"sum({weight} * ({first}))",
        "avg": f"(sum({weight} * ({first})) / sum({weight}))",
        "countif": f"sumIf({weight}, {last})",
        "sumif": f"sumIf({weight} * ({first}), {last})",
        "avgif": f"(sumIf({weight} * ({first}), {last}) / sumIf({weight}, {last}))",
        "topk": f"topKWeighted({first}, {weight})",
    }[name]


def split(inner):
    """Arguments, at the commas between them."""
    arguments, top = [[]], min((token.depth for token in inner), default=0)
    for token in inner:
        if token.is_sign(",") and token.depth == top:
            arguments.append([])
        else:
            arguments[-1].append(token)
    return arguments if inner else []
