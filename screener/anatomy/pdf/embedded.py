"""The files that are embedded in a PDF (ISO 32000-1 7.11.4)."""

from screener.anatomy import filetype
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Held, Member
from screener.anatomy.pdf import files
from screener.anatomy.pdf.filters import Unfiltered
from screener.anatomy.pdf.streams import Stream
from screener.frozen import dataclass

# Octets behind their streams that deflated data of all files may go on over, in sizes of the PDF: they could all do over all of it.
_BEYOND_FACTOR = 4
_BEYOND_FLOOR = 256 * 1024
_MOST_OF_NOTHING = 64  # octets in which nothing is packed, and encrypted


@dataclass(slots=True)
class _Source:
    """The octets of a PDF, and how many may still be read behind streams."""

    octets: bytes
    beyond_left: int


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a stream when it is asked for."""

    stream: Stream
    source: _Source
    ledger: Ledger
    place: str

    def __call__(self, limit: int) -> bytes:
        return self.unfiltered(limit).content

    def is_empty(self) -> bool:
        """Whether it is that of an empty file: it says nothing else, and nothing comes out."""
        if self.stream.size > _MOST_OF_NOTHING:
            return False
        unfiltered = self.unfiltered(1)
        return not unfiltered.content and not unfiltered.is_damaged

    def unfiltered(self, limit: int) -> Unfiltered:
        """Its first octets unpacked."""
        if self.source.beyond_left <= 0:
            self.ledger.note(Defect.CONTAINER_TOO_LARGE, self.place)
            return Unfiltered(b"", is_damaged=True)
        unfiltered = self.stream.content(self.source.octets, limit, self.ledger.steps_left)
        self.source.beyond_left -= max(0, unfiltered.consumed - self.stream.size)
        self.ledger.spend_steps(unfiltered.steps, self.place)
        if unfiltered.content and unfiltered.is_damaged:
            self.ledger.note(Defect.CONTAINER_DAMAGED, self.place)
        return unfiltered


def found(
    octets: bytes,
    streams: list[Stream],
    numbers: set[bytes],
    text: bytes,
    plain: bytes,
    encrypted: bool,
    is_within: bool,
    ledger: Ledger,
    place: str,
) -> list[Member]:
    """Each with the names of the file specifications that lead to it; `numbers` are those of all streams, with b"" where some
    object's is not known; `is_within`: files in this one are encrypted."""
    if b"/EF" not in plain and not any(stream.is_of(b"EmbeddedFile") for stream in streams):
        return []
    known = files.called(text, plain, numbers, ledger, place)
    if (known.is_doubtful and not encrypted) or (known.is_odd and not (encrypted or is_within)):
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    members = []
    source = _Source(octets, _BEYOND_FACTOR * len(octets) + _BEYOND_FLOOR)
    for stream in streams:
        if not (stream.is_of(b"EmbeddedFile") or stream.number in known.names):
            continue
        if not ledger.spend_member(place):
            break
        own = tuple(known.names.get(stream.number) or known.every)[: ledger.budget.names + 1]
        if not own and not encrypted and known.is_any:
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)  # it has one, which stands where readers find it
        if stream.is_told_elsewhere:
            ledger.note(Defect.CONTAINER_METHOD, place)
        if stream.is_told_twice:
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
        read = _Reader(stream, source, ledger, place)
        size = stream.declared_size() or (0 if read.is_empty() else stream.size)
        bare = _Reader(stream.bare(), source, ledger, place)
        is_locked = encrypted or (stream.is_within and is_within)
        is_open = (is_locked or len(stream.ciphers) > 1) and _is_open(bare)
        is_locked = is_locked and not is_open and (len(stream.ciphers) == 1 or not _is_open(read))  # by another's key
        if not stream.filters and stream.ciphers == (None,):  # it stands there
            content = Held(octets[stream.start : stream.end])
            members.append(Member(own, size, is_locked, stream.size, content, content.last))
            continue
        members.append(Member(own, size, is_locked, stream.size, read))
        if is_open and len(stream.ciphers) > 1 and read(ledger.budget.type_head) != bare(ledger.budget.type_head):
            members.append(Member(own, size, False, stream.size, bare))
    return members


def _is_open(bare: _Reader) -> bool:
    """Whether a file is not encrypted after all, as in a PDF that encrypts other streams alone: it unpacks, or is something."""
    ledger = bare.ledger
    if ledger.unpacked_left <= 0:
        return False
    head = bare(ledger.budget.type_head)
    ledger.spend_unpacked(len(head), bare.place)
    inflates = any(one.name in (b"FlateDecode", b"Fl") for one in bare.stream.filters)
    return bool(head) and (inflates or bool(filetype.identify(head).types))
