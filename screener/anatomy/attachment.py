"""One file as a reader would show it: its names, what it is, its octets.

Costly facts are computed when they are asked for, once. What lies in it is `attachments`' to find.
"""

import hashlib

from screener.anatomy import disguise, filetype, names, wide
from screener.anatomy.active import Active
from screener.anatomy.containers import tnef
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.filetype import Identified
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Held, Listing, Member
from screener.anatomy.mime import unnamed
from screener.anatomy.once import once
from screener.frozen import dataclass

_TAIL = 66_000  # octets: a ZIP's end record with the longest comment (APPNOTE.TXT 4.3.16)
_SHOWN = 120  # characters of a name in a place
# Endings of files that are opened as text whatever is in them.
_TEXT_WORDS = "txt text csv tsv tab log md rst ini cfg conf json xml yaml yml sql srt vtt tex nfo diz asc htm html shtml xhtml rtf"
_TEXT_EXTENSIONS = frozenset(_TEXT_WORDS.split())


@dataclass(frozen=True, slots=True)
class Around:
    """The archives, documents and messages that a file lies in, outermost first."""

    containers: "tuple[Attachment, ...]" = ()
    level: int = 0  # how many of them were opened as files: the parts of attached messages stand in the mail's own tree
    packed_in: tuple[str, ...] = ()  # those that are archives or documents, not messages


_NOTHING = Around()


class Attachment:
    """A file at `place`."""

    def __init__(
        self,
        place: str,
        candidates: tuple[str, ...],
        declared_types: tuple[str, ...],
        ledger: Ledger,
        *,
        content: bytes | None = None,
        member: Member | None = None,
        around: Around = _NOTHING,
        known_type: str = "",
        declared_charsets: tuple[str, ...] = (),
    ) -> None:
        self.place = place
        self.declared_types = declared_types
        self.declared_charsets = declared_charsets  # the likeliest first
        self.around = around
        self._candidates = candidates
        self._ledger = ledger
        self._content = content
        self._member = member
        self._is_cut = False  # not all octets of the member are had, for the budget
        self._known_type = known_type  # where the place tells it: a nested message
        self.opened = Listing()  # what lies in it, set by who opens it
        self.is_body = False  # a text of a message in a container: shown, not opened
        self.is_unwrapped = False  # what it wraps stands in the mail's own tree
        self.is_entity = False  # the fields it begins with stand in the mail's own tree, with all that follows
        self.may_be_cut = False  # stands at the end of what a bounce returns

    @property
    def depth(self) -> int:
        """How many containers it lies in, attached messages among them."""
        return len(self.around.containers)

    @property
    def inside(self) -> tuple[str, ...]:
        """A name for people of each of them, outermost first."""
        return tuple([one.shown for one in self.around.containers])

    @property
    def around_parts(self) -> Around:
        """What lies around the parts of the message that it is, which stand in the same tree."""
        around = self.around
        return Around((*around.containers, self), around.level, around.packed_in)

    @property
    def around_message(self) -> Around:
        """What lies around a message that it is opened as."""
        around = self.around
        return Around((*around.containers, self), around.level + 1, around.packed_in)

    @once
    def around_members(self) -> Around:
        """What lies around its members."""
        around = self.around
        return Around((*around.containers, self), around.level + 1, (*around.packed_in, self.shown))

    @property
    def declared_type(self) -> str:
        """The likeliest declared type, "" if there is none."""
        return self.declared_types[0] if self.declared_types else ""

    @once
    def names(self) -> tuple[str, ...]:
        """Every candidate name in every reading and normal form, the likeliest first, at most `budget.names`."""
        limit = self._ledger.budget.names
        if len(self._candidates) > limit:
            self._ledger.note(Defect.TOO_MANY_NAMES, self.place)
        others = names.otherwise(self._candidates[:limit], self._ledger.header_charsets)
        found = names.forms((*self._candidates, *others), limit)
        if not (found or self.is_body):
            found = unnamed.names(self.declared_types, self.identified.types)[:limit]
        if disguise.hides_ending(found):
            self._ledger.note(Defect.DISGUISED_NAME, self.place)
        if names.differ(self._candidates):
            self._ledger.note(Defect.SEVERAL_NAMES, self.place)
        return found

    @once
    def extensions(self) -> frozenset[str]:
        """Every dotted ending of every name, lower case, without dot."""
        return names.extensions((*self._candidates[: self._ledger.budget.names], *self.names))

    @once
    def last_extensions(self) -> frozenset[str]:
        """The endings by which desktops open it, one a name: lower case, without dot."""
        return frozenset(map(names.last_extension, self.names))

    @once
    def identified(self) -> Identified:
        """What the own table says of the beginning and the end."""
        head = self.head()
        if self._content is None:
            tail = b"" if self._member is None else self._member.last(_TAIL) or self._unpacked_tail(head)
        else:
            tail = self._content[-_TAIL:] if len(self._content) > len(head) else b""
        return filetype.identify(head, tail)

    @once
    def type(self) -> str:
        """The type by content, "" if unknown; may raise NotInline where the own table cannot settle it."""
        if self._known_type:
            return self._known_type
        if self.opened.type:
            return self.opened.type
        found = self.identified.type
        if found:
            return found
        head = self.head()
        if not head:
            return ""
        self._ledger.refuse_inline(f"the type of {self.place}")
        return filetype.by_magic(head)

    @once
    def types(self) -> frozenset[str]:
        """Every type that fits."""
        return self.identified.types | ({self.type} - {""})

    @property
    def type_is_message(self) -> bool:
        """Whether it is a nested message of the tree, whose parts stand there for themselves."""
        return bool(self._known_type)

    @property
    def is_text(self) -> bool:
        """Whether the own table takes it for some text."""
        return filetype.TEXT in self.identified.types

    @property
    def is_read_as_text(self) -> bool:
        """Whether some reader shows it as text: it is text, in UTF-16 without a mark too, or is called or declared one."""
        if self.is_text or any(one.startswith("text/") for one in self.declared_types):
            return True
        if not self.identified.types and wide.codecs(self.head()):
            return True
        return not _TEXT_EXTENSIONS.isdisjoint(self.last_extensions)

    @once
    def size(self) -> int:
        """Decoded octets; a packed member is unpacked to count them, for which it may raise NotInline.

        What its container says counts only where nothing can be had, or where it is more than the budget lets out.
        """
        member = self._member
        if member is None or member.encrypted or isinstance(member.read, Held):
            return self.declared_size
        self._ledger.refuse_inline(f"the size of {self.place}")
        content = self.octets()
        return max(member.size, len(content)) if self._is_cut or not content else len(content)

    @property
    def declared_size(self) -> int:
        """Decoded octets; of a member what its container says, 0 where it says nothing: nothing is unpacked for it."""
        if self._member is not None:
            return self._member.size
        return 0 if self._content is None else len(self._content)

    @once
    def sha256(self) -> str:
        """Hex digest of the decoded octets."""
        return hashlib.sha256(self.octets()).hexdigest()

    @once
    def winmail(self) -> tnef.Tnef:
        """What is in it where it is TNEF."""
        return tnef.read(self.octets())

    @property
    def encrypted(self) -> bool:
        """An encrypted member, an archive that has one, or a PDF or Office document that needs a password."""
        return self.is_locked or self.opened.encrypted

    @property
    def is_locked(self) -> bool:
        """Whether its own octets cannot be had without a password."""
        return self._member is not None and self._member.encrypted

    @property
    def macros(self) -> bool:
        """An Office document, old or new, with macros."""
        return self.opened.macros

    @property
    def active_content(self) -> tuple[Active, ...]:
        """Each kind of what acts when it is opened."""
        return self.opened.active

    @once
    def disguised(self) -> str:
        """How its names, declared types and content disagree in a way that matters; "" where they do not."""
        if found := disguise.reason(self.names, self.declared_types, self.types):
            return found
        endings = disguise.doubled(self.names)
        return f"it is called {endings}, and something acts in it" if endings and (self.macros or self.active_content) else ""

    def head(self) -> bytes:
        """The first octets, enough to identify it."""
        limit = self._ledger.budget.type_head
        if self._content is not None:
            return self._content[:limit]
        return b"" if self._member is None else self._member.read(limit)

    def _unpacked_tail(self, head: bytes) -> bytes:
        """The last octets of a packed member whose beginning says nothing: a ZIP is found from its end (APPNOTE.TXT 4.3.16)."""
        if len(head) < self._ledger.budget.type_head or self.is_locked or filetype.identify(head).types - {filetype.TEXT}:
            return b""
        return self.octets()[-_TAIL:]

    def octets(self) -> bytes:
        """All decoded octets, as far as the budget goes."""
        if self._content is None:
            self._content = self._unpacked() if self._member is not None else b""
        return self._content

    def _unpacked(self) -> bytes:
        member, ledger = self._member, self._ledger
        assert member is not None
        budget = ledger.budget
        limit = max(0, min(ledger.unpacked_left, max(budget.container_ratio_floor, member.packed * budget.container_ratio)))
        content = member.read(limit + 1)
        ledger.spend_unpacked(len(content), self.place)
        self._is_cut = len(content) > limit  # by one octet, which is not worth a copy of all
        if self._is_cut:
            ledger.note(Defect.CONTAINER_TOO_LARGE, self.place, Limit.RATIO)
        elif not content and member.size and not member.encrypted:
            ledger.note(Defect.CONTAINER_METHOD, self.place)
        return content

    @property
    def shown(self) -> str:
        """A name for people: the first, printable and short; the type without one."""
        for name in self.names:
            if printable := "".join(character if character.isprintable() else "?" for character in name[:_SHOWN]):
                return printable
        return self.declared_type or "unnamed"

    @property
    def path(self) -> str:
        """The place of what lies in it: "part 2 > docs.zip"."""
        return self.place if self.around.level else f"{self.place} > {self.shown}"

    def __repr__(self) -> str:
        return f"Attachment({self.place!r}, {self.names!r})"
