"""Line ends that readers take differently: for some every CR and every LF ends a line (RFC 5321 2.3.8). Pure, linear."""

import re
from collections.abc import Iterator

_PAIRED = re.compile(rb"\r\r\n|\n\r(?!\n)")
_BARE_OR_PAIRED = re.compile(rb"\r{2,}\n|\r\n\r(?!\n)|\n\r(?!\n)|\r(?!\n)|(?<!\r)\n")
# A line of a structure that begins or ends with one; what is in binary files has CRs anywhere.
_OF_STRUCTURE = re.compile(rb"\r(?:--|[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-)|\n--[^\r\n]{0,200}+\r(?!\n)")


def has_bare_cr(octets: bytes) -> bool:
    """Whether a CR stands alone; one at the end may be half of a line end."""
    return b"\r" in octets and octets.count(b"\r") > octets.count(b"\r\n") + octets.endswith(b"\r")


def has_bare_cr_in_structure(octets: bytes, body: int) -> bool:
    """Whether a CR without LF stands in the header, up to where the body begins, or at a line of the body that parts it."""
    return has_bare_cr(octets[:body]) or _OF_STRUCTURE.search(octets, body) is not None


def normalised(octets: bytes) -> Iterator[bytes]:
    """The octets with CRLF as their only line end: each CR and LF one, and LFCR, CRLFCR and CRCRLF one, where that differs."""
    yield octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if _PAIRED.search(octets) is not None:
        yield _BARE_OR_PAIRED.sub(b"\r\n", octets)
