"""A mail: RFC 5321's mail object, envelope and content (RFC 5321 2.3.1), with our own id and trace field."""

import mmap
from typing import Protocol

from screener.frozen import dataclass
from screener.mail.envelope import Envelope

Octets = bytes | mmap.mmap


class Readable(Protocol):
    """Octets that can be read piece by piece, wherever they lie: bytes, or what the store has in a file."""

    def __len__(self) -> int: ...

    def __getitem__(self, piece: slice, /) -> bytes: ...

    def find(self, octets: bytes, start: int, end: int, /) -> int:
        """As `bytes.find`."""
        ...

    def rfind(self, octets: bytes, start: int, end: int, /) -> int:
        """As `bytes.rfind`."""
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """The octets after DATA: CRLF line ends, dots undone, without our Received field.

    A small body is `bytes`; a big one lies in the file `path`, already fsynced, and `octets` is a read-only map of it.
    `defects` names what the reader saw on the wire ("bare-cr", "bare-lf", "nul", "long-line"): names of `anatomy.defects`.
    """

    octets: Octets
    path: str = ""
    defects: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """Octets of the content."""
        return len(self.octets)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was received; `trace` is our Received field with its final CRLF, which goes out on top of the content."""

    id: str
    received: float  # seconds since the epoch, UTC
    envelope: Envelope
    content: Content
    trace: bytes = b""
