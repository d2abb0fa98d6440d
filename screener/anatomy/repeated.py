"""Repeats in regular expressions that give nothing back, however `re` is built.

CPython before 3.11.5, Debian 12's among them, goes on at the wrong place behind `(?:…)*+` where a last turn began and failed, and
later ones still raise SystemError for some (gh-101955, gh-106052). An atomic group around a plain repeat is right in all of them.
A plain repeat remembers each turn until it ends, so it goes in steps. On single characters `*+`, `++` and `?+` are sound.
"""

from typing import AnyStr

_STEP = 999  # turns remembered at most


def repeated(one: AnyStr, *, least: int = 0) -> AnyStr:
    """A pattern of any number of turns of `one`, as many as there are, of which none is given back; `least` of them: 0 or 1."""
    if isinstance(one, bytes):
        return b"(?>(?:(?>(?:%b){1,%d})){%d,})" % (one, _STEP, least)
    return f"(?>(?:(?>(?:{one}){{1,{_STEP}}})){{{least},}})"
