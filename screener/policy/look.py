"""What the conditions of a rule set look at: one mail, or one RCPT with the content still to come.

Promises that what several rules ask for is found once: the texts with what the automaton saw in them, the addresses of header
fields, answers that are alike for all recipients. The facts themselves are `anatomy`'s.
"""

from collections.abc import Hashable, Iterable
from dataclasses import field

from screener.anatomy.message import Anatomy
from screener.anatomy.text import Text, TextKind
from screener.frozen import dataclass
from screener.mail.address import Address, AddressError, normal_domain
from screener.mail.envelope import Client
from screener.policy.patterns import Watch
from screener.policy.truth import Answer
from screener.policy.words import Sighting, Wordbook

_KINDS = {TextKind.HTML: "HTML", TextKind.HTML_HIDDEN: "hidden HTML"}  # of other texts the place says enough


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of a mail, with what the automaton saw in it."""

    place: str
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Passages:
    """Texts that a rule means as one thing ("the body"), and everything seen in any of them."""

    passages: tuple[Passage, ...]
    seen: frozenset[int]
    unfiltered: bool

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> "Passages":
        """Gather them."""
        kept = tuple(passages)
        sightings = [sighting for passage in kept for sighting in passage.sightings]
        seen = frozenset().union(*[sighting.anywhere for sighting in sightings])
        return cls(kept, seen, any(sighting.unfiltered for sighting in sightings))


@dataclass(slots=True)
class Look:
    """One judging of one mail; `anatomy` None: the content is not known yet."""

    client: Client
    sender: Address
    recipients: int | None  # how many; None at RCPT, where more may come
    anatomy: Anatomy | None
    wordbook: Wordbook
    watch: Watch
    lookalikes: Wordbook | None = None  # of rules that ask for homoglyphs, where there are any
    memo: dict[Hashable, Answer] = field(default_factory=dict)  # by who asked, or by who asked of what
    _subject: Passages | None = None
    _body: Passages | None = None
    _text: Passages | None = None
    _attachment_text: Passages | None = None
    _fields: dict[str, tuple[Passages, ...]] = field(default_factory=dict)
    _alike: "Look | None" = None
    _addresses: dict[tuple[str, bool], tuple[Address, ...]] = field(default_factory=dict)

    def subject(self, anatomy: Anatomy) -> Passages:
        """Every reading of every Subject."""
        if self._subject is None:
            self._subject = Passages.of(self._passage(text, "header Subject") for text in anatomy.subjects)
        return self._subject

    def body(self, anatomy: Anatomy) -> Passages:
        """Every text a reader would show, and hidden HTML."""
        if self._body is None:
            self._body = Passages.of(map(self._of_text, anatomy.texts))
        return self._body

    def text(self, anatomy: Anatomy) -> Passages:
        """Subject and body."""
        if self._text is None:
            subject, body = self.subject(anatomy), self.body(anatomy)
            both = subject.passages + body.passages
            self._text = Passages(both, subject.seen | body.seen, subject.unfiltered or body.unfiltered)
        return self._text

    def attachment_text(self, anatomy: Anatomy) -> Passages:
        """Every text of attached files, those in containers among them."""
        if self._attachment_text is None:
            self._attachment_text = Passages.of(map(self._of_text, anatomy.attachment_texts))
        return self._attachment_text

    def fields(self, anatomy: Anatomy, name: str) -> tuple[Passages, ...]:
        """Every header field of that name (lower case), each a thing of its own."""
        found = self._fields.get(name)
        if found is None:
            found = tuple(Passages.of((self._passage(value, f"header {name}"),)) for value in anatomy.header(name))
            self._fields[name] = found
        return found

    def addresses(self, anatomy: Anatomy, name: str, *, displayed: bool) -> tuple[Address, ...]:
        """Every address of every field of that name (lower case), read as tolerantly as a mail reader would; `displayed`: those in
        names and comments, too."""
        found = self._addresses.get((name, displayed))
        if found is None:
            texts = anatomy.displayed_addresses(name) if displayed else anatomy.mailboxes(name)
            found = tuple(map(tolerant_address, texts))
            self._addresses[name, displayed] = found
        return found

    @property
    def alike(self) -> "Look":
        """The same mail for rules that ask for homoglyphs: letters that look alike are one."""
        if self._alike is None:
            assert self.lookalikes is not None  # a rule that asks for them is in the rule set
            self._alike = Look(self.client, self.sender, self.recipients, self.anatomy, self.lookalikes, self.watch)
        return self._alike

    def _of_text(self, text: Text) -> Passage:
        return Passage(shown_place(text), self.wordbook.sightings(text.text, whole=text.whole))

    def _passage(self, text: str, place: str) -> Passage:
        return Passage(place, self.wordbook.sightings(text))


def shown_place(text: Text) -> str:
    """Where a text stands and how it is read, for people."""
    return ", ".join(filter(None, (text.place, _KINDS.get(text.kind), text.view)))


def tolerant_address(text: str) -> Address:
    """An address out of a header, which may be no Mailbox at all: never raises."""
    local, at, domain = text.rpartition("@")
    if not at:
        local, domain = text, ""
    if len(local) > 1 and local[0] == local[-1] == '"':
        local = local[1:-1].replace("\\", "")
    domain = domain.strip().rstrip(".")
    try:
        return Address(text, local.strip(), normal_domain(domain) if domain else "")
    except AddressError:
        return Address(text, local.strip(), domain.lower())
