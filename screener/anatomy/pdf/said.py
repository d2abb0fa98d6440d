"""Texts of a PDF that stand in its objects: notes and who wrote them, fields and what may be chosen, titles, layers, labels of
pages (ISO 32000-1 8.11.2, 12.3, 12.4.2, 12.5, 12.7).

Promises: linear, at most as much as asked for, never raises.
"""

import re
from collections.abc import Iterator

from screener.anatomy.pdf.objects import Objects, Unpacked
from screener.anatomy.pdf.strings import string, text
from screener.anatomy.pdf.written import REFERENCE

_SAID = re.compile(
    rb"/(?:(Contents)|V|DV|RC|CA|Subj|Title|Subject|Keywords|Author|Creator|Producer|TU|Alt|ActualText|Opt|T|P|Name|OverlayText)"
    rb"\s{0,9}(?:(?=\(|<(?!<)|\[)|" + REFERENCE + rb")"
)
_STAMP = re.compile(rb"/Name\s{0,9}/([^\s/<>\[\]()%{}]{1,127})")  # what it shows
_BEGIN = re.compile(rb"\s*+(?:(\[)|(?=\(|<(?!<)))")
_LISTED = re.compile(REFERENCE + rb"|[(<\[\]]")
_TAG = re.compile(r"<[^<>]{1,2000}+>")
_EACH = 8  # characters that a text counts as at least, because each costs
_LONG_STRING, _SHORT_STRING = 60_000, 2_000  # octets of a string that are read
_LONG_STRINGS = 400_000  # octets of all, until they are read as short ones


class Said:
    """Reads each once."""

    def __init__(self, objects: Objects, unpacked: Unpacked) -> None:
        self._objects = objects
        self._unpacked = unpacked
        self._long_left = _LONG_STRINGS
        self._left = 0
        self._values: set[bytes] = set()  # streams and lists that are given as such

    def texts(self, limit: int) -> Iterator[str]:
        """All of them; of what is marked up, as in a note, what is shown, too."""
        self._left = limit
        for body in self._objects.bodies.values():
            if b"/Stamp" in body and (stamp := _STAMP.search(body)) is not None:
                self._left -= len(stamp[1])
                yield stamp[1].decode("latin-1")
            for match in _SAID.finditer(body) if b"/" in body else ():
                for found in self._value(body, match):
                    if self._left <= 0:
                        return
                    yield found
                    if "</" in found:
                        yield _TAG.sub("", found)

    def _value(self, body: bytes, match: re.Match[bytes]) -> Iterator[str]:
        """What a key has, in a string, a list or a stream of its own, too."""
        number = match[2].lstrip(b"0") if match[2] is not None else None
        here = body if number is None else self._objects.bodies.get(number, b"")
        begin = _BEGIN.match(here, match.end() if number is None else 0)
        if begin is not None and begin[1] is None:
            yield self._string(here, begin.end())
        elif match[1] is not None or number in self._values:
            return
        elif begin is not None:
            self._values |= set() if number is None else {number}
            yield from self._listed(here, begin.end())
        elif number is not None and (stream := self._objects.streams.get(number)) is not None:
            self._values.add(number)
            content = self._unpacked(stream)
            self._left -= max(_EACH, len(content))
            yield text(content)

    def _listed(self, body: bytes, at: int) -> Iterator[str]:
        """Strings of a list, and of those in it."""
        depth = 1
        while depth and self._left > 0 and (one := _LISTED.search(body, at)) is not None:
            at = one.end()
            self._left -= 1
            if one[1] is not None:
                target = self._objects.bodies.get(one[1].lstrip(b"0"), b"")
                if (begin := _BEGIN.match(target)) is not None and begin[1] is None:
                    yield self._string(target, begin.end())
            elif one[0] in b"[]":
                depth += 1 if one[0] == b"[" else -1
            else:
                before = self._long_left
                yield self._string(body, one.start())
                at = max(at, one.start() + before - self._long_left)

    def _string(self, body: bytes, at: int) -> str:
        is_signature = b"/ByteRange" in body  # whose long one is no text
        most = _SHORT_STRING if is_signature else max(_SHORT_STRING, min(_LONG_STRING, self._long_left))
        found, looked = string(body, at, most)
        self._long_left -= looked
        self._left -= max(_EACH, looked)
        self._objects.is_cut = self._objects.is_cut or (looked >= most and not is_signature)
        return found
