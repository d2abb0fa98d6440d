"""Style sheets that are parts of a mail by themselves: pages lead to them by Content-ID or Content-Location (RFC 2392, RFC 2557).

Promises: linear, bounded, never raises.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from screener.anatomy.defects import Defect, Limit
from screener.anatomy.html.entities import unescaped
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime.part import Part

_MAX_SHEETS = 8  # that one page leads to, …
_MAX_OCTETS = 131_072  # … octets of each, …
_MAX_NAMESAKES = 4  # … and parts of one name
_MAX_ALL, _MAX_INLINE = 524_288, 32_768  # octets of all that pages of a mail lead to, each time; in the service itself
_KEYS = ("content-id", "content-location")
# A link, or an instruction in a sheet (CSS Cascade 4, 2) with its address.
_LEADS = re.compile(rb"<link(?=[\s/])([^<>]*+)|@import\s*+(?:url\(\s*+)?[\"']?([^\"'()\s;<>]++)[^;<>]{0,200};?", re.IGNORECASE)
_MARKS = (b"<link", b"@import")
_ADDRESS = re.compile(r"(?<![\w-])href\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"']++))", re.IGNORECASE)


class LinkedSheets:
    """The parts of a mail by what they are called."""

    def __init__(self, leaves: Iterable[Part]) -> None:
        self._left = _MAX_ALL
        self._parts: dict[str, list[Part]] = {}
        for part in leaves:
            for name in {_name(field.text) for key in _KEYS for field in part.headers.get(key)[:2]}:
                self._parts.setdefault(name, []).append(part)

    def written_in(self, page: bytes, ledger: Ledger, place: str) -> bytes:
        """The page with the sheets in it that it leads to; b"" where it leads to none."""
        lower = page.lower() if self._parts else b""
        if not any(mark in lower for mark in _MARKS):
            return b""
        led_to: dict[int, bytes] = {}

        def sheets(lead: re.Match[bytes]) -> bytes:
            found = b""
            for part in self._led_to(lead):
                if id(part) not in led_to:
                    content = part.contents(ledger)[0] if len(led_to) < _MAX_SHEETS else b""
                    granted = min(len(content), _MAX_OCTETS, self._left)
                    if not content or granted < len(content) or b"@import" in content:
                        ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
                    ledger.spend_inline(granted, _MAX_INLINE, "octets of style sheets that are parts")
                    self._left -= granted
                    led_to[id(part)] = content[:granted]
                    found += content[:granted].replace(b"<", b" ")
            return (found if lead[1] is None else b"<style>" + found + b"</style>" + lead[0]) if found else lead[0]

        written = _LEADS.sub(sheets, page)
        return written if any(led_to.values()) else b""

    def _led_to(self, lead: re.Match[bytes]) -> Iterator[Part]:
        address = (lead[1] or lead[2] or b"").decode("utf-8", "replace")
        if lead[1] is not None:
            tag = unescaped(address)
            given = _ADDRESS.search(tag) if "stylesheet" in tag.lower() else None
            address = (given[1] or given[2] or given[3] or "") if given is not None else ""
        if address:
            yield from self._parts.get(_name(address), ())[:_MAX_NAMESAKES]


def _name(address: str) -> str:
    """What tells a part: its address without the folders, which writers and readers put before it as they like."""
    return unquote(address.strip(" \t<>\"'")).removeprefix("cid:").rpartition("/")[2].lower()
