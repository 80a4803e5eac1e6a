"""SQL as tokens: enough to refuse what a dialect does not document, and to rewrite what it means otherwise."""

import re
from dataclasses import dataclass


class Refused(Exception):
    """A statement that the platform would refuse, and why."""


@dataclass(frozen=True)
class Token:
    kind: str  # word, name (quoted), text, number, parameter, sign
    value: str  # of a text: what it says; of all others: as written
    depth: int  # how many parentheses are open around it

    def is_word(self, *words):
        return self.kind == "word" and self.value.upper() in words

    def is_sign(self, *signs):
        return self.kind == "sign" and self.value in signs


LEXEMES = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<name>"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)
  | (?P<parameter>\$[A-Za-z0-9_]+)
  | (?P<sign><=|>=|<>|!=|[-+*/%=<>(),.])
    """,
    re.VERBOSE,
)

ESCAPED = {"\\": "\\", "'": "'", "n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}


def tokens_of(sql, backslashes):
    """All tokens of a statement. In ClickHouse's texts a backslash escapes; in standard SQL only a quote does."""
    found, at, depth = [], 0, 0
    while at < len(sql):
        if sql[at] == "'":
            value, at = text_at(sql, at, backslashes)
            found.append(Token("text", value, depth))
            continue
        match = LEXEMES.match(sql, at)
        if match is None:
            raise Refused(f"unexpected `{sql[at : at + 20]}`")
        at = match.end()
        if match.lastgroup == "space":
            continue
        if match.group() == ")":
            depth -= 1
        found.append(Token(match.lastgroup, match.group(), depth))
        if match.group() == "(":
            depth += 1
        if depth < 0:
            raise Refused("a `)` that closes nothing")
    if depth > 0:
        raise Refused("a `(` that is never closed")
    return found


def text_at(sql, at, backslashes):
    value, at = "", at + 1
    while at < len(sql):
        if sql[at] == "'" and sql[at : at + 2] == "''":
            value, at = value + "'", at + 2
        elif sql[at] == "'":
            return value, at + 1
        elif sql[at] == "\\" and backslashes:
            if sql[at + 1 : at + 2] not in ESCAPED:
                raise Refused(f"unknown escape `{sql[at : at + 2]}`")
            value, at = value + ESCAPED[sql[at + 1]], at + 2
        else:
            value, at = value + sql[at], at + 1
    raise Refused("a text that is never closed")


def written(tokens):
    """Tokens as ClickHouse reads them."""
    return " ".join(literal(token.value) if token.kind == "text" else token.value for token in tokens)


def literal(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def calls(tokens):
    """The name of each function that is called, with the place of its opening parenthesis."""
    for at, token in enumerate(tokens[:-1]):
        if token.kind == "word" and tokens[at + 1].is_sign("(") and not token.is_word(*BEFORE_PARENTHESES):
            yield token.value, at + 1


BEFORE_PARENTHESES = ("IN", "AND", "OR", "NOT", "FROM", "WHERE", "HAVING", "BY", "SELECT", "BETWEEN", "AS", "LIKE")


def closing(tokens, opening):
    """The place of the parenthesis that closes the one at `opening`."""
    depth = tokens[opening].depth
    return next(at for at in range(opening + 1, len(tokens)) if tokens[at].is_sign(")") and tokens[at].depth == depth)
