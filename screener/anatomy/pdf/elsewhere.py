"""How streams are packed, where that stands in objects of their own: any value may be a reference (ISO 32000-1 7.3.10).

Promises: linear but for what is put in, which is bounded; never raises.
"""

import re

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import written
from screener.anatomy.pdf.packing import filters
from screener.anatomy.pdf.streams import Stream

_REFERENCE = re.compile(rb"(?<!/JBIG2Globals )" + written.REFERENCE)  # pictures are not unpacked
_OBJECT = re.compile(written.OBJECT)
_MAX_CHAIN = 4  # references to references
_MAX_VALUE = 300  # octets
_MAX_BODIES = 4  # that objects of one number have
_MAX_PUT = 16  # references in one value, …
_MAX_ALL, _EACH = 20_000, 8  # … and in all; octets of the text for each


def settle(streams: list[Stream], plain: bytes, ledger: Ledger, place: str) -> None:
    """Put what objects have in the place of references to them; `plain` is the text in which they stand, names' escapes undone."""
    left = min(_MAX_ALL, len(plain) // _EACH)
    for _ in range(_MAX_CHAIN):
        told = [stream for stream in streams if stream.is_told_elsewhere]
        if not told:
            return
        found = _bodies(plain, {one for stream in told for one in _wanted(stream)})
        for stream in told:
            if _is_doubtful(stream, found):
                ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
            left -= len(_wanted(stream))
            if left < 0:
                ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
                return
            stream.__dict__.pop("filters", None)
            stream.packing = {key: [_put(value, found) for value in values] for key, values in stream.packing.items()}


def _is_doubtful(stream: Stream, found: dict[bytes, list[bytes]]) -> bool:
    """Whether it is unpacked in another way where objects of one number differ; parameters of pictures make no difference here."""
    several = {one: bodies for one in _wanted(stream) if len(bodies := found.get(one, [])) > 1}
    if len(several) < 2 and not any(_REFERENCE.search(body) for bodies in several.values() for body in bodies):
        known = {one: found[one] for one in _wanted(stream) if one in found}
        ways = [known | {one: [body]} for one, bodies in several.items() if len(bodies) < _MAX_BODIES for body in bodies]
        told = {filters({key: [_put(value, way) for value in values] for key, values in stream.packing.items()}) for way in ways}
        return len(told) > 1 or (not ways and bool(several))
    return bool(several)


def _wanted(stream: Stream) -> list[bytes]:
    return [one[1].lstrip(b"0") for values in stream.packing.values() for value in values for one in _REFERENCE.finditer(value)]


def _put(value: bytes, found: dict[bytes, list[bytes]]) -> bytes:
    def body(reference: re.Match[bytes]) -> bytes:
        return found.get(reference[1].lstrip(b"0"), [reference[0]])[-1]

    return _REFERENCE.sub(body, value, _MAX_PUT)


def _bodies(plain: bytes, wanted: set[bytes]) -> dict[bytes, list[bytes]]:
    """What stands in objects of these numbers, some of each once, the last at the end."""
    found: dict[bytes, list[bytes]] = {}
    for match in _OBJECT.finditer(plain):
        number = match[1].lstrip(b"0")
        if number not in wanted:
            continue
        body = plain[match.end() : match.end() + _MAX_VALUE].partition(b"endobj")[0].partition(b"stream")[0].strip()
        known = found.setdefault(number, [])
        if body in known:
            known.remove(body)
        known.append(body)
        del known[:-_MAX_BODIES]
    return found
