"""The octets after DATA, as they come in: where they end, dots undone, line ends made CRLF, defects noted.

Pure: pieces of any length go in, pieces of content come out, and any cutting of the same octets gives the same content. Only
CRLF.CRLF ends the data (RFC 5321 4.1.1.4, 2.3.8): nothing that looks like it to another server does, so that nobody can
smuggle a second mail through us. Holds at most one chunk, which is copied behind what was carried over, and again where it is cut.
How much may come is left to `receiving`.
"""

import io

END = b"\r\n.\r\n"
MAX_LINE = 998  # octets without CRLF (RFC 5321 4.5.3.1.6); real mail has longer ones, so it is a defect and no more

BARE_CR = "bare-cr"
BARE_LF = "bare-lf"
NUL = "nul"
LONG_LINE = "long-line"

_NO_DEFECTS: frozenset[str] = frozenset()


class DataDecoder:
    """One DATA phase."""

    __slots__ = ("_begun", "_carry", "_line", "defects", "ended", "rest", "wire")

    def __init__(self) -> None:
        self.ended = False
        self.rest = b""  # what came after the end: commands that were sent along
        self.wire = 0  # octets taken so far, the end included
        self.defects = _NO_DEFECTS
        # The data begins as if after a CRLF: the one of the DATA command. It is no part of the first piece.
        self._carry = b"\r\n"
        self._begun = False
        self._line = 0  # octets of the line that began in earlier pieces

    def feed(self, chunk: bytes) -> bytes:
        """The content in these octets, as far as it is certain; sets `ended` and `rest` when they hold the end."""
        self.wire += len(chunk)
        data = self._carry + chunk if self._carry else chunk
        dotted = data.find(b"\r\n.") if b"." in data else -1  # base64 has no dots, and the search for one octet is the fast one
        end = data.find(END, dotted) if dotted >= 0 else -1
        if end >= 0:
            self.ended = True
            self.rest = data[end + 5 :]
            self.wire -= len(self.rest)
            stop = end + 2
        else:
            kept = _undecided(data)
            stop = len(data) - kept
            self._carry = data[stop:]
        if not stop:
            return b""
        is_stuffed = dotted >= 0 and dotted != end
        start = 0 if self._begun else 3 if is_stuffed and dotted == 0 else 2
        self._begun = True
        piece = data[start:stop]  # as it is, where it is all of it
        return self._examined(piece.replace(b"\r\n.", b"\r\n") if is_stuffed else piece)

    def _examined(self, piece: bytes) -> bytes:
        """Note defects. A piece never ends between a CR and its LF, so it can be judged by itself."""
        decoder = io.IncrementalNewlineDecoder(None, translate=False)  # one pass in C that tells which line ends there are
        decoder.decode(piece.decode("latin-1"), final=True)
        ends = decoder.newlines
        if ends is not None and ends != "\r\n":
            kinds = (ends,) if isinstance(ends, str) else ends
            if "\r" in kinds:
                self._note(BARE_CR)
            if "\n" in kinds:
                self._note(BARE_LF)
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        if b"\0" in piece:
            self._note(NUL)
        if LONG_LINE not in self.defects:
            self._measure(piece)
        return piece

    def _measure(self, piece: bytes) -> None:
        """Look for a line beyond MAX_LINE, in steps of a line's length."""
        size = len(piece)
        start, stop = 0, max(MAX_LINE + 2 - self._line, 0)
        at = piece.rfind(b"\n", 0, stop)
        while at >= 0:
            start = at + 1
            stop = start + MAX_LINE + 2
            at = piece.rfind(b"\n", start, stop)
        if stop <= size:
            self._note(LONG_LINE)
        else:
            self._line = size - start + (0 if start else self._line)

    def _note(self, defect: str) -> None:
        self.defects |= {defect}


def _undecided(data: bytes) -> int:
    """How many octets at the end may be the beginning of END, or a CR whose LF is still to come."""
    if data.endswith(b"\r\n"):
        return 2
    if data.endswith(b"\r"):
        return 4 if data.endswith(b"\r\n.\r") else 1
    return 3 if data.endswith(b"\r\n.") else 0
