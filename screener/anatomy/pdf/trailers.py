"""Whether a PDF is encrypted, as its trailers say (ISO 32000-1 7.5.5), or the streams that stand for them (7.5.8).

Nothing else says so: readers look for the key nowhere else. Promises: linear, never raises.
"""

import re
from collections.abc import Iterable, Iterator

from screener.anatomy.pdf import written
from screener.anatomy.pdf.streams import Stream
from screener.frozen import dataclass

_ENCRYPT = re.compile(rb"/Encrypt" + written.END + rb"\s{0,99}(?:" + written.REFERENCE + rb"|(<<))?")
_ROOT = re.compile(rb"/Root" + written.END)
_OBJECT = re.compile(written.OBJECT + rb"\s{0,99}")


@dataclass(frozen=True, slots=True)
class Said:
    """Whether a trailer says that the file is encrypted, and whether it depends on what is read."""

    encrypted: bool
    is_doubtful: bool


def said(plain: bytes, streams: Iterable[Stream]) -> Said:
    """What all trailers say; `plain` is what is outside of streams, names' escapes undone."""
    if b"/Encrypt" not in plain and not any(b"/Encrypt" in stream.keys for stream in streams):
        return Said(False, False)
    ways: set[bool] = set()
    numbers: set[bytes] = set()
    for own in _trailers(plain, streams):
        told = _ENCRYPT.search(own)
        if told is None or told[1] is None:
            ways.add(told is not None and told[2] is not None)
        else:
            numbers.add(told[1].lstrip(b"0"))
    found: set[bytes] = set()
    for match in _OBJECT.finditer(plain) if numbers else ():
        if (number := match[1].lstrip(b"0")) in numbers:
            is_key = plain.startswith(b"<<", match.end())
            ways.add(is_key)
            if is_key or plain.startswith(b"null", match.end()):
                found.add(number)
    return Said(True in ways, len(ways) > 1 or found != numbers)


def _trailers(plain: bytes, streams: Iterable[Stream]) -> Iterator[bytes]:
    """The keys of each trailer. One without a root is none, but what it says of a key counts for readers that repair a file."""
    for behind in plain.split(b"trailer")[1:]:
        begin = max(0, behind.find(b"<<"))
        end = written.dictionary_end(behind, begin, len(behind))
        yield from _counting(behind[begin : end if end >= 0 else len(behind)])
    for stream in streams:
        if b"/Root" in stream.keys or b"/Encrypt" in stream.keys:
            yield from _counting(stream.keys)


def _counting(keys: bytes) -> Iterator[bytes]:
    own = written.own(keys)
    if _ROOT.search(own) is not None or _ENCRYPT.search(own) is not None:
        yield own
