"""What one message has spent of its budget, and what was found odd on the way.

One ledger goes with one `Anatomy` through all modules of this room; it is the only thing in here that changes.
It promises that nothing goes on beyond the budget: `spend_*` answers whether (or how much) there is left and notes the defect.
"""

from screener.anatomy import charsets
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect, DefectFound, Limit
from screener.anatomy.rtf import compressed as compressed_rtf

_READ_ANYWAY = 1024 * 1024  # octets of messages in files that are read beside what the budget says
_ADDRESSES = 20_000  # addresses of data in all pages together that are looked into, …
_REFERENCES = 2_000_000  # … and character references in them that are resolved
_FIELDS = 24  # octets of markup in which fields are looked for, in sizes of the mail, …
_FIELDS_ANYWAY = 8 * 1024 * 1024  # … but always as many as this
_RTF_STEPS = 100_000  # tokens of RTF that are read in steps
_ONE_BY_ONE = "octets unpacked one by one"
_TO_SHOW = 8  # of them
_ANEW = 6_000_000  # letters of long texts that are read anew in the common charsets, once for each
_HASHINGS = 4_000_000  # hashes made to try passwords; Office asks for 100,000 a password


class NotInline(Exception):
    """A fact was asked for that needs a foreign parser, or takes long, where others wait meanwhile: ask a screening process."""


class Ledger:
    """Spent budget and defects found; `inline` says whether others wait meanwhile, as in the service's loop.

    There a message that is large, or odd, in any way, or needs libmagic, libarchive and the like, raises NotInline.
    """

    __slots__ = (
        "_addresses", "_anew", "_charsets", "_counts", "_decoded_by", "_detections", "_document_text", "_fields", "_guessed",
        "_hashings", "_inline_spent", "_members", "_noted", "_opened", "_read", "_references", "_reread", "_rtf", "_rtf_unpacked",
        "_seen", "_steps", "_text", "_text_read", "_unpacked", "budget", "cut", "decoded", "found", "half_guessed",
        "inline", "parts", "rtf_steps", "scanned",
    )  # fmt: skip

    def __init__(self, budget: Budget, size: int, *, inline: bool = False) -> None:
        self.budget = budget
        self.inline = inline
        self.found: list[DefectFound] = []
        self.cut: set[str] = set()  # places of files that are cut off at the end of what a bounce returns
        self._seen: set[tuple[Defect, str]] = set()
        self._counts: dict[Defect, int] = {}
        self._noted = 0
        self.parts = budget.parts
        self.scanned = max(budget.scanned_floor, budget.scanned_factor * size)
        by_size = max(budget.decoded_floor, budget.decoded_factor * size)
        self.decoded = min(budget.decoded_octets, by_size)
        self._decoded_by = Limit.DECODED if budget.decoded_octets <= by_size else Limit.READINGS
        self._members = budget.container_members
        self._addresses = _ADDRESSES
        self._references = _REFERENCES
        self._unpacked = budget.container_octets
        self._text = 0
        self._read = 0
        self._text_read = min(budget.text_read, max(budget.text_floor, budget.text_factor * size))
        self._inline_spent: dict[str, int] = {}
        self._fields = max(_FIELDS_ANYWAY, _FIELDS * size)
        self._document_text = budget.document_text
        self._rtf = budget.text_octets
        self._rtf_unpacked: dict[bytes, bytes] = {}
        self.rtf_steps = _RTF_STEPS
        self._reread = budget.reread_factor * size + _READ_ANYWAY
        self._opened: set[tuple[bytes, tuple[str, ...]]] = set()
        self._detections = budget.detections
        self._charsets = dict.fromkeys(charsets.COMMON)
        self._guessed = budget.guessed
        self._anew = _ANEW
        self.half_guessed: dict[str, tuple[str, ...]] = {}  # places of texts of which not all is read in these charsets
        self._steps = budget.stepped_octets
        self._hashings = _HASHINGS

    def note(self, defect: Defect, place: str, limit: Limit | None = None) -> None:
        """Keep a finding, once a place; the first ones of every kind, however many there are of another."""
        if defect is Defect.CONTAINER_DAMAGED and place in self.cut:
            defect = Defect.RETURNED_CUT
        key = (defect, place)
        if key in self._seen:
            return
        count = self._counts.get(defect, 0) + 1
        self._counts[defect] = count
        if count <= self.budget.defects:
            self._seen.add(key)
            self.found.append(DefectFound(defect, place, limit))
        self._noted += 1
        if self.inline and self._noted > self.budget.inline_defects:
            raise NotInline(f"more than {self.budget.inline_defects} findings")

    def refuse_inline(self, what: str) -> None:
        """Raises NotInline where others wait meanwhile: this needs a foreign parser, or takes long."""
        if self.inline:
            raise NotInline(what)

    def spend_part(self) -> bool:
        """Whether one more part may be made."""
        if self.parts <= 0:
            self.note(Defect.TOO_MANY_PARTS, "message", Limit.PARTS)
            return False
        self.parts -= 1
        if self.inline and self.budget.parts - self.parts > self.budget.inline_parts:
            raise NotInline(f"more than {self.budget.inline_parts} parts")
        return True

    def spend_header(self, octets: int, fields: int, place: str) -> None:
        """A header block that was read; raises NotInline where it is much and this is the service."""
        self.spend_inline(octets, self.budget.inline_header, "octets of headers")
        if self.inline and fields > self.budget.inline_fields:
            raise NotInline(f"{place} hold more than {self.budget.inline_fields} fields")

    def spend_scan(self, octets: int) -> bool:
        """Whether the tokenizer may look at this many octets once more."""
        self.scanned -= octets
        if self.scanned < 0:
            self.note(Defect.TOO_MUCH_STRUCTURE, "message")
            return False
        return True

    def spend_decoded(self, octets: int, place: str) -> int:
        """How many of these octets may still be decoded."""
        granted = min(octets, self.decoded)
        self.decoded -= granted
        if granted < octets:
            self.note(Defect.TOO_MUCH_DECODED, place, self._decoded_by)
        return granted

    def charsets_of(self, octets: bytes, place: str) -> tuple[str, ...]:
        """The charsets that octets are likely in, none where it cannot be told, or no more may be asked."""
        sampled = charsets.samples(octets, self.budget.charset_sample)
        self._detections -= len(sampled)
        if self._detections < 0:
            self.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
            return ()
        self.spend_inline(len(sampled), self.budget.inline_detections, "texts whose charset is to be found out")
        found = charsets.likely(sampled)
        self._charsets |= dict.fromkeys(found)
        return found

    def guesses(self, octets: int, place: str) -> tuple[tuple[str, ...], int]:
        """In which charsets a text is read whose own nobody knows: the common ones and those of this mail; and how much of it."""
        names = tuple(self._charsets)
        granted = min(octets, self._guessed // len(names))
        self._guessed -= granted * len(names)
        if granted < octets:
            self.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
            self.half_guessed[place] = names
        self.spend_inline(granted * len(names), self.budget.inline_text, "octets of text in many charsets")
        return names, granted

    def spend_anew(self, letters: int, charsets_: int) -> int:
        """How many letters of a text may be read anew in so many charsets."""
        granted = min(letters, self._anew // charsets_)
        self._anew -= granted * charsets_
        return granted

    def header_charsets(self, octets: bytes) -> tuple[str, ...]:
        """The charsets in which what stands in headers is read."""
        found = self.charsets_of(octets, "headers")
        names, granted = self.guesses(len(octets), "headers")
        return tuple(dict.fromkeys((*found, *names))) if granted == len(octets) else found

    def spend_member(self, place: str) -> bool:
        """Whether one more member of a container may be listed."""
        if self._members <= 0:
            self.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
            return False
        self._members -= 1
        return True

    def spend_address(self, place: str) -> bool:
        """Whether one more address of data may be looked into."""
        self._addresses -= 1
        if self._addresses < 0:
            self.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
        return self._addresses >= 0

    def spend_references(self, count: int, place: str) -> bool:
        """Whether so many character references of a page may be resolved."""
        self._references -= count
        if self._references < 0:
            self.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)
        return self._references >= 0

    def is_new(self, octets: bytes, packed_in: tuple[str, ...]) -> bool:
        """Whether a message in a file is read for the first time in these archives, and may be.

        The readings of a doubtful message hold one another; each is read once, not once in each way to it, and all together as
        much as a few readings of everything.
        """
        key = (octets, packed_in)
        if key in self._opened:
            return False
        self._opened.add(key)
        self._reread -= len(octets)
        if self._reread + self.budget.reread_factor * (self.budget.container_octets - self._unpacked) < 0:
            self.note(Defect.TOO_MUCH_STRUCTURE, "message")
            return False
        return True

    @property
    def unpacked_left(self) -> int:
        """Octets that may still come out of containers."""
        return self._unpacked

    def spend_unpacked(self, octets: int, place: str) -> None:
        """Octets that came out of a container."""
        self._unpacked -= octets
        if self._unpacked <= 0:
            self.note(Defect.CONTAINER_TOO_LARGE, place, Limit.UNPACKED)

    def spend_inline(self, count: int, limit: int, what: str) -> None:
        """What costs time, in all of the mail; raises NotInline where it is much and this is the service."""
        if not self.inline:
            return
        self._inline_spent[what] = spent = self._inline_spent.get(what, 0) + count
        if spent > limit:
            raise NotInline(f"more than {limit} {what}")

    def spend_document(self, octets: int) -> None:
        """Octets of a document to be read; raises NotInline where they are many and this is the service."""
        self.spend_inline(octets, self.budget.inline_document, "octets of documents")

    def spend_fields(self, octets: int, place: str) -> bool:
        """Whether fields and formulas may be looked for in so many octets of markup more."""
        self._fields -= octets
        if self._fields < 0:
            self.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)
        return self._fields >= 0

    @property
    def steps_left(self) -> int:
        """Octets of documents that may still be unpacked one by one; here a few more than are allowed, so that it shows."""
        here = self.budget.inline_steps - self._inline_spent.get(_ONE_BY_ONE, 0) + _TO_SHOW if self.inline else self._steps
        return max(0, min(self._steps, here))

    def spend_steps(self, octets: int, place: str) -> None:
        """Octets of a document that were unpacked one by one; raises NotInline where they are many and this is the service."""
        self.spend_inline(octets, self.budget.inline_steps, _ONE_BY_ONE)
        self._steps -= octets
        if octets and self._steps <= 0:
            self.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)

    def spend_hashings(self, count: int, place: str) -> bool:
        """Whether so many hashes may be made to try a password."""
        if count > self._hashings:
            self.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)
            return False
        self._hashings -= count
        return True

    def unpack_rtf(self, packed: bytes, place: str) -> bytes:
        """Packed RTF unpacked, each once, all together as much as text is read: a step an octet; raises NotInline as others do."""
        if (known := self._rtf_unpacked.get(packed)) is not None:
            return known
        here = min(self._rtf, self.budget.inline_text + 1) if self.inline else self._rtf
        content = compressed_rtf.unpack(packed, max(0, here))
        self.spend_inline(len(content), self.budget.inline_text, "octets of packed RTF")
        self._rtf_unpacked[packed] = content
        self._rtf -= len(content)
        if self._rtf <= 0:
            self.note(Defect.TEXT_TRUNCATED, place, Limit.TEXT)
        return content

    @property
    def document_text_left(self) -> int:
        """Octets of documents' markup that may still be read for words."""
        return self._document_text

    def spend_document_text(self, octets: int, place: str) -> int:
        """How many octets of a document's markup may be read for words."""
        granted = min(octets, self._document_text)
        self._document_text -= granted
        if granted < octets:
            self.note(Defect.TEXT_TRUNCATED, place, Limit.TEXT)
        return granted

    @property
    def text_left(self) -> int:
        """Octets of text that may still be read as they came."""
        return max(0, self._text_read - self._read)

    def spend_read(self, octets: int, place: str) -> int:
        """How many octets of a text may be read as it came; raises NotInline where it is much and this is the service."""
        if self.inline and self._read + octets > self.budget.inline_text:
            raise NotInline(f"more than {self.budget.inline_text} octets of text")
        granted = min(octets, self.text_left)
        self._read += granted
        if granted < octets:
            self.note(Defect.TEXT_TRUNCATED, place, Limit.TEXT)
        return granted

    def spend_text(self, octets: int, place: str) -> int:
        """How much of this text, as it is shown, is for words."""
        granted = max(0, min(octets, self.budget.text_octets - self._text))
        self._text += granted
        if granted < octets:
            self.note(Defect.TEXT_TRUNCATED, place, Limit.TEXT)
        return granted
