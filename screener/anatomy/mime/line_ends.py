"""Line ends that readers take differently: for some every CR and every LF ends a line (RFC 5321 2.3.8). Pure, linear."""

import re
from collections.abc import Iterator

_PAIRED = re.compile(rb"\r\r\n|\n\r(?!\n)")
_BARE_OR_PAIRED = re.compile(rb"\r{2,}\n|\r\n\r(?!\n)|\n\r(?!\n)|\r(?!\n)|(?<!\r)\n")


def has_bare_cr(octets: bytes) -> bool:
    """Whether a CR stands alone; one at the end may be half of a line end."""
    return b"\r" in octets and octets.count(b"\r") > octets.count(b"\r\n") + octets.endswith(b"\r")


def normalised(octets: bytes) -> Iterator[bytes]:
    """The octets with CRLF as their only line end: each CR and LF one, and LFCR, CRLFCR and CRCRLF one, where that differs."""
    yield octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if _PAIRED.search(octets) is not None:
        yield _BARE_OR_PAIRED.sub(b"\r\n", octets)
