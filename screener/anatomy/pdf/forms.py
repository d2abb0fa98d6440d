"""Scripts in the forms of a PDF (XFA 3.3), which stand in the XML of its streams: packets that readers put together.

Promises: linear in what it reads, unpacks within the ledger's budget, never raises.
"""

import re
from collections.abc import Callable, Iterator

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import streams as pdf_streams
from screener.anatomy.pdf.written import END, OBJECT, REFERENCE

_REFERENCE = re.compile(REFERENCE)
_FORM = re.compile(rb"/XFA" + END)
_SCRIPT = re.compile(rb"<(?:[\w.-]{1,32}+:)?script[\s>/]")
_LIST = re.compile(OBJECT + rb"\s{0,99}\[")
_PACKETS = 4_000  # octets in which the streams of a form are listed
_MAX_FORMS = 100
_EDGE = 64  # octets of a packet in which a tag may be cut off

Unpack = Callable[[list[pdf_streams.Stream]], Iterator[tuple[pdf_streams.Stream, bytes]]]


def have_script(plain: bytes, streams: list[pdf_streams.Stream], unpack: Unpack, ledger: Ledger, place: str) -> bool:
    """Whether the XML of a form has a script, in a packet or where two of them meet."""
    if b"/XFA" not in plain:
        return False
    lists: dict[tuple[bytes, ...], None] = {}
    for count, match in enumerate(_FORM.finditer(plain)):
        if count >= _MAX_FORMS:
            ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
            break
        lists.setdefault(_references(plain, match.end()))
    wanted = {number for one in lists for number in one}
    apart = [one for one in _LIST.finditer(plain) if one[1].lstrip(b"0") in wanted][:_MAX_FORMS]  # a list of its own
    lists |= dict.fromkeys(_references(plain, one.end()) for one in apart)
    wanted = {number for one in lists for number in one}
    edges: dict[bytes, list[bytes]] = {}
    for stream, content in unpack([stream for stream in streams if stream.number in wanted]):
        content = content.replace(b"\0", b"")  # in UTF-16, too: no markup needs the NULs
        if _SCRIPT.search(content):
            return True
        edges.setdefault(stream.number, []).append(content if len(content) <= 2 * _EDGE else content[:_EDGE] + content[-_EDGE:])
    # Of a packet that is there several times the first and the last count.
    return any(_SCRIPT.search(b"".join(edges[one][at] for one in each if one in edges)) for each in lists for at in (0, -1))


def _references(plain: bytes, at: int) -> tuple[bytes, ...]:
    end = plain.find(b"endobj", at, at + _PACKETS)
    return tuple(match[1].lstrip(b"0") for match in _REFERENCE.finditer(plain, at, end if end >= 0 else at + _PACKETS))
