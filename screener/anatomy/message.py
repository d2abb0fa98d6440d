"""What the octets of a mail are: the one door to this room.

An `Anatomy` is made for nothing and computes each fact when it is asked for, once. It promises never to raise on any content except
NotInline (and MemoryError, which is the process's), and never to go beyond its budget; what is odd is a defect. It decides
nothing: that is `policy`'s.
"""

from collections.abc import Iterable, Iterator

from screener.anatomy import attachments, encryption, texts
from screener.anatomy.active import ActiveFound
from screener.anatomy.attachment import Attachment as Attachment
from screener.anatomy.budget import Budget as Budget
from screener.anatomy.defects import Defect, DefectFound
from screener.anatomy.encryption import Encryption
from screener.anatomy.html import markup
from screener.anatomy.ledger import Ledger
from screener.anatomy.ledger import NotInline as NotInline
from screener.anatomy.mime import addresses, encoded_words, structure, wrapped
from screener.anatomy.mime.fields import Field as Field
from screener.anatomy.mime.fields import Headers, ends
from screener.anatomy.mime.part import Part as Part
from screener.anatomy.mime.part import walk
from screener.anatomy.octets import Octets as Octets
from screener.anatomy.once import once
from screener.anatomy.text import Text as Text
from screener.anatomy.text import TextKind

_DEFAULT = Budget()
_MAX_ID = 998
_MAX_CHARSETS = 4  # in which a header is read
_MAX_SUBJECTS = 4  # of a message in the message
_WITH_WORDS = ("subject", "from", "to", "cc", "sender", "reply-to")  # fields in which people see encoded words (RFC 2047 5)


def _shows_mailboxes(views: tuple[str, ...]) -> bool:
    """Whether all that is displayed of a field is among its mailboxes: there is one address, without quotes around it."""
    return len(views) == 1 and views[0].isascii() and views[0].count("@") == 1 and "'" not in views[0]


def _tell_charsets(message: Part) -> None:
    """Readers take octets beyond ASCII in a header for the charset of the body."""
    if message.source[message.start : message.body_start].isascii():
        return
    found = dict.fromkeys(charset for part in walk(message) if part.is_leaf for charset in part.charsets() if charset)
    for field in message.headers:
        field.charsets = tuple(found)[:_MAX_CHARSETS]


def _is_repeated(fields: list[Field]) -> bool:
    return len(fields) > 1 and len({field.raw for field in fields}) > 1


def _has_several_senders(headers: Headers) -> bool:
    """Whether readers may show one sender or another: several fields, or mailboxes of which Sender names none (RFC 5322 3.6.2)."""
    authors, senders = headers.get("from"), headers.get("sender")
    if not senders and len(authors) == 1 and authors[0].raw.count(b"@") < 2:  # as nearly all mail has it
        return False
    if _is_repeated(authors) or _is_repeated(senders) or _mailbox_count(senders) > 1:
        return True
    return _mailbox_count(authors) > 1 and not _mailbox_count(senders)


def _mailbox_count(fields: list[Field]) -> int:
    """How many mailboxes the first field has."""
    count = fields[0].raw.count(b"@") if fields else 0
    return count if count < 2 else len({mailbox.lower() for mailbox in addresses.mailboxes(fields[0].views)})


class Anatomy:
    """One message's facts. Not shared between threads."""

    def __init__(self, content: Octets, *, budget: Budget = _DEFAULT, inline: bool = False, defects: Iterable[Defect] = ()) -> None:
        """`content`: the octets after DATA, CRLF line ends, dots undone. `inline`: whether others wait meanwhile: what needs
        libmagic, libarchive and the like, or takes long, raises NotInline. `defects`: what the reader on the wire saw."""
        self.content = content
        self.size = len(content)
        self.inline = inline
        self._ledger = Ledger(budget, self.size, inline=inline)
        self._lacks_memory = False
        for defect in sorted(defects):  # they come as a set, and are told in the same order in every run
            self._ledger.note(defect, "content")

    @once
    def root(self) -> Part:
        """The tree of parts, every view in it."""
        root = structure.read(self.content, self._ledger)
        wrapped.join(root, self._ledger)
        if _is_repeated(root.headers.get("subject")):
            self._ledger.note(Defect.DUPLICATE_SUBJECT, "headers")
        if _has_several_senders(root.headers):
            self._ledger.note(Defect.SEVERAL_FROM, "headers")
        _tell_charsets(root)
        if self.content.find(b"=?", 0, root.body_start) >= 0:
            for key in _WITH_WORDS:
                fields = [field for field in root.headers.get(key) if b"=?" in field.raw]
                if any(encoded_words.are_malformed(field.unfolded, field.text) for field in fields):
                    self._ledger.note(Defect.MALFORMED_ENCODED_WORD, "headers")
        return root

    @property
    def headers(self) -> Headers:
        """The top-level fields in order."""
        return self.root.headers

    def header(self, name: str) -> tuple[str, ...]:
        """Every reading of every field of this name, in any case; each field's likeliest first."""
        found: dict[str, None] = {}
        for field in self.headers.get(name.lower()):
            for view in (*field.views, *field.others(self._ledger.header_charsets)):
                found.setdefault(view)
        return tuple(found)

    @once
    def subjects(self) -> tuple[str, ...]:
        """Every reading of every Subject."""
        return self.header("subject")

    @property
    def subject(self) -> str:
        """The first Subject, decoded; "" if there is none."""
        return self.subjects[0] if self.subjects else ""

    @property
    def message_id(self) -> str:
        """The first Message-ID, printable and at most 998 characters; "" if there is none."""
        for field in self.headers.get("message-id"):
            unfolded = field.unfolded
            return (unfolded if unfolded.isprintable() else "".join(filter(str.isprintable, unfolded)))[:_MAX_ID]
        return ""

    def mailboxes(self, name: str) -> tuple[str, ...]:
        """Every "local@domain" in every field of this name, however it is written."""
        fields = self.headers.get(name.lower())
        if len(fields) == 1:
            return addresses.mailboxes(fields[0].views)
        found: dict[str, None] = {}
        for field in fields:
            found |= dict.fromkeys(addresses.mailboxes(field.views))
        return tuple(found)

    def displayed_addresses(self, name: str) -> tuple[str, ...]:
        """Every "local@domain" that stands anywhere in a field of this name: the mailboxes, and what names and comments display."""
        mailboxes = self.mailboxes(name)
        fields = self.headers.get(name.lower())
        if all(_shows_mailboxes(field.views) for field in fields):
            return mailboxes
        found = dict.fromkeys(mailboxes)
        for field in fields:
            if not _shows_mailboxes(field.views):
                found |= dict.fromkeys(addresses.displayed(field.views))
        return tuple(found)

    @once
    def _parts(self) -> tuple[Part, ...]:
        """Every part of every view."""
        return tuple(walk(self.root))

    @once
    def leaves(self) -> tuple[Part, ...]:
        """Every leaf of every view, nested messages entered."""
        return tuple([part for part in self._parts if part.is_leaf])

    @once
    def attachments(self) -> tuple[Attachment, ...]:
        """What a reader would show as a file, and what lies in it."""
        if self._lacks_memory:
            raise MemoryError  # every rule that asks would wait for it as long as the first
        try:
            return tuple(attachments.collect(self.root, self._ledger))
        except MemoryError:
            self._lacks_memory = True
            raise

    @once
    def encryption(self) -> tuple[Encryption, ...]:
        """The parts that are encrypted for the reader: S/MIME, PGP."""
        return encryption.find(self._parts, self._ledger)

    @once
    def active_bodies(self) -> tuple[ActiveFound, ...]:
        """What acts in bodies that some reader shows as pages, in any reading of them."""
        found: dict[ActiveFound, None] = {}
        for part in self.leaves:
            if part.is_attachment or markup.BODIES.isdisjoint(part.types):
                continue
            for content in part.contents(self._ledger):
                for kind in markup.acting(content, part.charsets(), self._ledger, part.place):
                    found.setdefault(ActiveFound(kind, part.place))
        return tuple(found)

    @once
    def texts(self) -> tuple[Text, ...]:
        """Every view of every body text, and the subjects of the messages in it."""
        bodies = tuple(texts.bodies(self.leaves, self._ledger))
        return (*bodies, *self._inner_subjects()) if self.root.children else bodies

    def _inner_subjects(self) -> Iterator[Text]:
        messages = (part for part in self._parts if part.is_message)
        for letter in (letter for part in messages for letter in part.children):
            _tell_charsets(letter)
            for field in ends(letter.headers.get("subject"), _MAX_SUBJECTS):
                for view in (*field.views, *field.others(self._ledger.header_charsets)):
                    self._ledger.spend_text(len(view), letter.place)
                    yield Text(letter.place, TextKind.PLAIN, view)

    @once
    def attachment_texts(self) -> tuple[Text, ...]:
        """The text of text attachments."""
        return tuple(texts.attached(self.attachments, self._ledger))

    @property
    def defects(self) -> tuple[DefectFound, ...]:
        """What was odd so far: the structure, and all facts that were asked."""
        _ = self.root
        return tuple(self._ledger.found)

    def all_defects(self) -> tuple[DefectFound, ...]:
        """What is odd in the whole message: computes every fact."""
        _ = self.texts
        for attachment in self.attachments:
            _ = attachment.names
            _ = attachment.type
        _ = self.attachment_texts
        return self.defects
