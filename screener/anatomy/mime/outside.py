"""Files where no part is: before the first and behind the last part, and in a multipart without any (RFC 2046 5.1.1).

No reader should show them, some do: fields with what follows them, and lines of base64 without any. uuencode and the like are
`blocks`'. Promises: linear, bounded in what is decoded.
"""

import re
from itertools import chain

from screener.anatomy import filetype
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime import blocks, boundaries, encoded_words, headers, transfer
from screener.anatomy.mime.fields import Headers
from screener.anatomy.mime.part import Part
from screener.anatomy.mime.reader import Reader, next_number
from screener.anatomy.mime.transfer import Encoding
from screener.anatomy.octets import Octets
from screener.anatomy.repeated import repeated
from screener.frozen import dataclass

# The line end before it stands first: that way the search runs at memory speed.
_BASE64_LINE = re.compile(rb"\n([A-Za-z0-9+/]{24,2000}+={0,2})[ \t\0]*+\r?(?=\n|\Z)")
_BASE64_FIRST = re.compile(_BASE64_LINE.pattern[2:])
_BASE64_MORE = re.compile(repeated(rb"[A-Za-z0-9+/=]{1,2000}+[ \t\0]*+\r?(?:\n|\Z)"))
_RUN_HEAD = 90_000  # octets of one, at either end, by which it is identified
_LINE_HEAD = 4_000  # of one that begins within another
_TRIED = 4_000_000  # octets of all of them that are decoded, …
_A_TRY = 400  # … a try counting as so many
_CONTENT_FIELD = re.compile(rb"^content-[a-z-]{1,40}[ \t]*:", re.IGNORECASE | re.MULTILINE)
_BLANK = b" \t\r\n\0"
_LEAST = 8  # octets of what may be something
_LONGEST = 300  # octets of the longest of these
# What most programs write, and nothing else: beside it there may be anything.
_PREAMBLE = re.compile(
    rb"[ \t\r\n\0]*+This is a (?:nested )?(?:multi-?part message in MIME format|MIME-encapsulated message)\.{0,3}[ \t\r\n\0]*+"
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What looks like a file: where the first field stands, -1 without one; each run of base64; whether there is anything."""

    fields: int
    runs: list[tuple[int, int]]
    any: bool


def is_idle(source: Octets, start: int, end: int) -> bool:
    """Whether it is nothing, or but the sentence that programs write for readers that know no MIME."""
    if end - start < _LEAST:
        return True
    if end - start < _LONGEST and _PREAMBLE.fullmatch(source[start:end]) is not None:
        return True
    return not source[start:end].strip(_BLANK)


def files(
    reader: Reader,
    source: Octets,
    start: int,
    end: int,
    number: str,
    depth: int,
    children: list[Part],
    place: str,
    defect: Defect | None = None,
) -> bool:
    """What looks like a file where no part is, by its fields or as base64; False where there is none, and no uuencoded one.

    `defect`: what it is where parts of another boundary stand there; None where these are a defect of their own.
    """
    key = (id(source), start, end)
    if key in reader.looked:
        return False
    reader.looked.add(key)
    if not reader.ledger.spend_scan(end - start):
        return False
    octets = source[start:end]
    dashes = 0 if octets.startswith(b"--") else max(-1, reader.next_dashes(source, start, end) - start)  # behind: parts, one by one
    found = _look(octets, len(octets) if dashes < 0 else dashes, reader.ledger)
    # Dashes that are none of a known boundary, and fields: part of it to those who split flat.
    if dashes >= 0 and boundaries.first_start(octets, dashes, len(octets)) >= 0:
        reader.doubtful = True
        if defect is not None:
            reader.ledger.note(defect, place)
    if not found.any or not reader.ledger.spend_part():
        return False
    reader.ledger.note(defect or Defect.CONTENT_IN_PREAMBLE, place)
    if found.fields >= 0:
        at = start + found.fields
        child = next_number(number, len(children))
        block = headers.read(source, at, end, reader.ledger, f"part {child}")
        children.append(reader.part(source, at, end, block, child, depth + 1))
    for at, stop in found.runs:
        child = next_number(number, len(children))
        leaf = Part(source, start + at, start + stop, Headers([], start + at), child, "application/octet-stream", reader.ledger)
        leaf.encoding = transfer.Declared((Encoding.BASE64,))
        children.append(leaf)
    return True


def _look(octets: bytes, stop: int, ledger: Ledger) -> _Found:
    """What there is; fields are looked for up to `stop`."""
    fields = _CONTENT_FIELD.search(octets, 0, stop)
    runs, more = _base64_runs(octets, ledger)
    return _Found(
        -1 if fields is None else fields.start(),
        runs,
        fields is not None or bool(runs) or more or (b"begin" in octets and bool(blocks.find(octets))),
    )


def _base64_runs(octets: bytes, ledger: Ledger) -> tuple[list[tuple[int, int]], bool]:
    """Where lines of base64 begin and end that hold a file of a known type, and are no words or signatures; whether there is more.

    The first line of each is whole quads, with letters of both cases.
    """
    found: list[tuple[int, int]] = []
    end = 0
    room = _TRIED
    first = _BASE64_FIRST.match(octets)
    for match in chain(() if first is None else (first,), _BASE64_LINE.finditer(octets)):
        text, start = match[1], match.start(1)
        if (found and start < found[-1][1]) or len(text) % 4 or text.upper() == text or text.lower() == text:
            continue
        if room <= 0:
            return found, True
        tail = b""
        if start < end:  # within one that begins as nothing known
            size = min(end - start, _LINE_HEAD)
        else:
            more = _BASE64_MORE.match(octets, min(match.end() + 1, len(octets)))
            end = match.end() if more is None else more.end()
            size = min(end - start, _RUN_HEAD)
            tail = octets[octets.find(b"\n", end - size, end) : end]
        ledger.spend_inline(1, ledger.budget.inline_runs, "lines of base64 where no part is")
        room -= size + len(tail) + _A_TRY
        if filetype.identify(encoded_words.base64(octets[start : start + size]), encoded_words.base64(tail)).types:
            found.append((start, end))
    return found, False
