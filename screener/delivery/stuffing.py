"""Content as it goes over the wire after 354: dots doubled, the final dot at its end (RFC 5321 4.5.2). Pure; block by block.

Nothing else is changed: bare CR and LF, long lines and NUL go out as they are. Only a content that does not end with CRLF gets one,
because DATA cannot say it otherwise.
"""

from collections.abc import Iterable, Iterator

from screener.delivery.outcome import Span

BLOCK = 262_144  # octets that are copied and written at once


def stuffed(spans: Iterable[Span]) -> Iterator[bytes]:
    """The octets to be written, in blocks of about BLOCK octets; a small content is one block."""
    gathered: list[bytes] = []
    size = 0
    for block in _blocks(spans):
        gathered.append(block)
        size += len(block)
        if size >= BLOCK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


def _blocks(spans: Iterable[Span]) -> Iterator[bytes]:
    before = b"\r\n"  # the last two octets before the block: the content begins at the start of a line
    for octets, start, end in spans:
        for at in range(start, end, BLOCK):
            block = octets[at : min(at + BLOCK, end)]  # of whole `bytes`: no copy
            seam = (before + block[:2]).find(b"\r\n.")
            before = (before + block[-2:])[-2:]
            if b"." in block and b"\r\n." in block:  # base64 has no dots, and the search for one octet is the fast one
                block = block.replace(b"\r\n.", b"\r\n..")
            if seam != -1:
                block = block[:seam] + b"." + block[seam:]
            yield block
    yield b".\r\n" if before == b"\r\n" else b"\r\n.\r\n"
