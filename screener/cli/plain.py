"""Texts that strangers wrote, made fit for a terminal; times as people read them. Knows neither click nor rich.

Promises that no control character, no bidirectional override and nothing invisible reaches the terminal: each is shown as its
escape (`\\x1b`, `\\u202e`), and a backslash of the text itself stays one.
"""

import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from screener.values import shown_duration

# What JSON lines are made of.
Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def plain(text: str, limit: int = 0) -> str:
    """The text on one line, with everything that is not printable escaped; cut to `limit` characters if that is given."""
    shown = text if text.isprintable() else "".join(map(_visible, text))
    return shown if not limit or len(shown) <= limit else shown[: limit - 1] + "…"


def plain_lines(text: str) -> str:
    """Like `plain`, line ends kept."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _visible(char: str) -> str:
    return (
        char if char.isprintable() else char.encode("ascii", "backslashreplace").decode("ascii") if char > "\x7f" else _ascii(char)
    )


def _ascii(char: str) -> str:
    return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(char, f"\\x{ord(char):02x}")


def shown_path(path: str | Path) -> str:
    """A path for people and for JSON: octets that are no UTF-8 are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def shown_time(seconds: float | None) -> str:
    """Local time to the second, `2026-07-05 14:03:11`; "" for None."""
    return "" if seconds is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def shown_age(since: float | None, now: float) -> str:
    """How long ago, `2 d 3 h`; "" for None."""
    return "" if since is None else shown_duration(max(1.0, now - since))


def shown_due(at: float | None, now: float) -> str:
    """When something is due, seen from now; "" for None."""
    if at is None:
        return ""
    return "now" if at <= now else f"in {shown_duration(max(1.0, at - now))}"


def json_time(seconds: float | None) -> str | None:
    """RFC 3339 in UTC with milliseconds, for scripts."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def json_line(value: Mapping[str, Json]) -> str:
    """One object on one line, in ASCII: no script and no terminal can be led astray by it."""
    return json.dumps(value, ensure_ascii=True, separators=(", ", ": "))
