"""What a PromQL query speaks of: its metrics, the labels it asks them for and the labels it goes on with.

A small tokenizer, no parser: whether a query is well formed is promtool's to say. Grafana's variables are replaced first.
"""

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<range>\[[^\]]*\])
  | (?P<number>(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Inf|NaN)(?![A-Za-z_:]))
  | (?P<duration>\d+(?:ms|[smhdwy]))
  | (?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
  | (?P<operator>=~|!~|!=|==|>=|<=|[-+*/%^<>=(){},@])
    """,
    re.VERBOSE,
)
_GRAFANA = {"$__rate_interval": "5m", "$__range": "6h", "$__interval": "1m"}
_WORDS = frozenset({"and", "or", "unless", "bool", "offset"})
_LABEL_LISTS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})


@dataclass(frozen=True, slots=True)
class Selector:
    """One metric with the labels it is asked for: label, operator, value."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class Query:
    """What one query speaks of."""

    selectors: list[Selector] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)  # in by, on, ignoring and the like


def plain(text: str) -> str:
    """The query with Grafana's own variables replaced by what they may stand for."""
    for variable, value in _GRAFANA.items():
        text = text.replace(variable, value)
    return re.sub(r"\$\w+|\$\{\w+\}", ".*", text)


def read(text: str) -> Query:
    """Raises ValueError for what is no token."""
    tokens = _tokens(plain(text))
    query = Query()
    at = 0
    while at < len(tokens):
        kind, word = tokens[at]
        after = tokens[at + 1][1] if at + 1 < len(tokens) else ""
        if kind != "name" or word in _WORDS:
            at += 1
        elif word in _LABEL_LISTS:
            end = next(index for index in range(at, len(tokens)) if tokens[index][1] == ")")
            query.labels |= {name for kind_, name in tokens[at + 2 : end] if kind_ == "name"}
            at = end + 1
        elif after == "(" or (after in _LABEL_LISTS):
            at += 1  # a function or an aggregation
        else:
            matchers, at = _matchers(tokens, at + 1) if after == "{" else ((), at + 1)
            query.selectors.append(Selector(word, matchers))
    return query


def _matchers(tokens: list[tuple[str, str]], at: int) -> tuple[tuple[tuple[str, str, str], ...], int]:
    """The matchers between braces; `at` is the opening one, the answer's number is behind the closing one."""
    found = []
    at += 1
    while tokens[at][1] != "}":
        (kind, label), (_, operator), (value_kind, value) = tokens[at : at + 3]
        if kind != "name" or value_kind != "string" or operator not in ("=", "!=", "=~", "!~"):
            raise ValueError(f"no matcher: {label} {operator} {value}")
        found.append((label, operator, value[1:-1]))
        at += 3
        if tokens[at][1] == ",":
            at += 1
    return tuple(found), at + 1


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"no token: {text[at : at + 20]!r} in {text!r}")
        assert match.lastgroup is not None
        if match.lastgroup != "space":
            tokens.append((match.lastgroup, match[0]))
        at = match.end()
    return tokens
