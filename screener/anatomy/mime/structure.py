"""The tree of parts, in every view a reader may take of it (RFC 2046 5).

Promises: never raises, recursion and number of parts bounded by the budget, and so is what is looked at: each level looks for its
boundaries once with `bytes.find`. Where the structure is doubtful - boundaries doubled, reused, missing, parts after the end - it
is also split flat at every line that begins a part for any reader. Works on octets with CRLF and with LF alone.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from screener.anatomy import names
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime import boundaries, clean_base64, headers, line_ends, mailbox, outside, returned, transfer
from screener.anatomy.mime.fields import Headers
from screener.anatomy.mime.part import Part
from screener.anatomy.mime.transfer import Encoding
from screener.anatomy.octets import Octets
from screener.frozen import dataclass

_MESSAGES = {"message/rfc822", "message/global", "message/news", "message/rfc-822"}
_ELSEWHERE = (("message/partial", Defect.PARTIAL_MESSAGE), ("message/external-body", Defect.EXTERNAL_BODY))
_QUOTED = ("text/plain", "text/html")
_ALTERNATIVE = "multipart/alternative"
_FRAGMENT_KEYS = ("id", "number", "total")
_SHAPING = ("content-type", "content-transfer-encoding", "content-disposition")
_MESSAGE_NAMES = (".eml", ".mht", ".mhtml", ".nws", mailbox.ENDING)
_HEADER_END = re.compile(rb"\n\r?\n")
_MAX_ENDS = 2  # of a part's header, that are followed
_MAX_FORMS = 32  # of a part's names, in which it may be that of a message
_BLANK = b" \t\r\n\0"


def read(source: Octets, ledger: Ledger, number: str = "") -> Part:
    """The tree of a whole message; `number` is that of the part it lies in."""
    return _Reader(ledger).message(source, 0, len(source), number, 0, frozenset())


@dataclass(frozen=True, slots=True)
class _Level:
    """A multipart that is being split, and the parts found in it so far."""

    part: Part
    depth: int
    outer: frozenset[bytes]  # boundaries of the multiparts it lies in
    digest: bool
    children: list[Part]


class _Reader:
    """Reads one message; keeps what must not be done twice."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.seen: dict[tuple[int, int, int], Part] = {}  # by source, start of the header, of the body
        self.marks: set[bytes] = set()  # every boundary that some multipart says
        self.looked: set[tuple[int, int, int]] = set()  # what was looked at outside of parts
        self.sources: list[Octets] = []  # kept, so that their identities stay their own
        self.dashes: tuple[Octets, int, int, int] = (b"", 0, 0, -1)  # where they were looked for last, and found
        self.doubtful = False
        self.resting = False  # in the rest behind an early end of a header, where further ends are not multiplied

    def message(self, source: Octets, start: int, end: int, number: str, depth: int, outer: frozenset[bytes]) -> Part:
        """A message and all in it; `number` is that of the part it lies in, `outer` the boundaries around it.

        Where the structure of one in another is doubtful, so is that of all around: a boundary may end more than its own.
        """
        if not any(source is one for one in self.sources[-4:]):
            self.sources.append(source)
        place = f"part {number} headers" if number else "headers"
        block = headers.read(source, start, end, self.ledger, place, top=True)
        doubtful, self.doubtful = self.doubtful, self.doubtful and bool(outer)
        part = self.part(source, start, end, block, number, depth, "text/plain", outer, top=True)
        children = list(part.children)
        if not part.declared and (late := headers.late(source, block.body_start, end, self.ledger, "part 1")) is not None:
            child = _number(number, len(children))
            children.append(self.part(source, start, end, late, child, depth + 1, "text/plain", frozenset()))
        for at in block.early_ends:
            self._rest(source, start, at, end, block, number, depth, children)
        if not outer:
            if self.doubtful:
                self._flat(source, block.body_start, end, number, depth, children)
            if depth == 0 and line_ends.has_bare_cr(source[: len(source) if self.doubtful else block.body_start]):
                for octets in line_ends.normalised(source[: len(source)]):
                    if self.ledger.spend_scan(len(source)):
                        child = _number(number, len(children))
                        children.append(self.message(octets, 0, len(octets), child, 1, frozenset()))
            self.doubtful = doubtful
        part.children = tuple(children)
        return part

    def _rest(
        self, source: Octets, start: int, at: int, end: int, block: Headers, number: str, depth: int, children: list[Part]
    ) -> None:
        """What readers show that end a header at a junk line or at a line of blanks: a text, or what the fields before it say."""
        if self.ledger.parts > 0:
            child_number = _number(number, len(children))
            rest = headers.before(source, start, at, self.ledger, f"part {child_number}")
            said = [rest.raws(key) for key in _SHAPING]
            is_blank = at > start and source[max(start, source.rfind(b"\n", start, at - 1) + 1) : at].isspace()
            if is_blank and not any(said):
                # To them it is a text in which no fields count; below the header they see no more than is seen as it is.
                text = Part(source, at, block.body_start, Headers([], at), child_number, "text/plain", self.ledger)
                children += [text] if self.ledger.spend_part() else []
                return
            same = said == [block.raws(key) for key in _SHAPING]
            if is_blank and not same:
                self.ledger.note(Defect.DOUBTFUL_MIME_FIELD, f"part {child_number}")
            if not any(said) or (same and not said[1] and any(b"multipart" in value.lower() for value in said[0])):
                rest = Headers([], at)  # of the same parts once more, only the text before them is new
            children.append(self.part(source, at, end, rest, child_number, depth + 1, "text/plain", frozenset()))
            if not rest.fields and any(b"multipart" in value.lower() for value in block.raws("content-type")):
                dashes = self._dashes(source, at, end)
                self._files(source, at, end if dashes < 0 else dashes, number, depth, children, "")

    def part(
        self,
        source: Octets,
        start: int,
        end: int,
        block: Headers,
        number: str,
        depth: int,
        default_type: str,
        outer: frozenset[bytes],
        top: bool = False,
    ) -> Part:
        """A part whose header is read."""
        part = Part(source, start, end, block, number, default_type, self.ledger)
        self.seen[id(source), start, block.body_start] = part
        if not self.ledger.spend_part():
            return part
        types = part.types
        multipart = any(media.startswith(("multipart/", "multipart")) for media in types) if part.declared else False
        candidates = [value for one in part.content_types for value in one.readings("boundary")] if part.declared else []
        if multipart or candidates:
            if top and number == "" and not multipart:
                part.number = "1"
            self._multipart(part, candidates, multipart, depth, outer)
        elif self._is_message(part):
            if top:
                part.number = _number(number, 0)
            self._nested(part, depth, outer)
        else:
            if top:
                part.number = _number(number, 0)
            self._look_into(part, depth)
        return part

    def _is_message(self, part: Part) -> bool:
        media = part.types[0]
        if media in ("text/plain", "text/html"):
            return len(part.types) > 1 and any(one in _MESSAGES for one in part.types)
        for one, defect in _ELSEWHERE:
            if one in part.types:
                # What is there is a message as well: the fragment's beginning, the phantom's fields (RFC 2046 5.2.2, 5.2.3).
                # A fragment that does not say of what it is one is put together by nobody; old bounces carry such.
                known = any(field.readings(key) for field in part.content_types for key in _FRAGMENT_KEYS)
                whole = defect is Defect.PARTIAL_MESSAGE and not known
                self.ledger.note(Defect.INVALID_CONTENT_TYPE if whole else defect, part.place)
                return True
        if any(one in _MESSAGES for one in part.types):
            return True
        if not part.declared:
            return False
        return any(name.lower().rstrip(". ").endswith(_MESSAGE_NAMES) for name in names.forms(part.name_candidates(), _MAX_FORMS))

    # -- multiparts

    def _multipart(self, part: Part, candidates: list[str], multipart: bool, depth: int, outer: frozenset[bytes]) -> None:
        """Split by every boundary that some reader takes."""
        part.is_leaf = not multipart
        encoded = any(one.encoded("boundary") for one in part.content_types)
        marks, doubtful = boundaries.said(candidates, encoded, self.ledger, part.place)
        self.doubtful = self.doubtful or doubtful
        self.marks.update(marks)
        if any(mark in outer for mark in marks):
            self.ledger.note(Defect.BOUNDARY_REUSED, part.place)
            self.doubtful = True
        if depth >= self.ledger.budget.depth:
            self.ledger.note(Defect.TOO_DEEP, part.place)
            part.is_leaf = True
            return
        level = _Level(part, depth, outer, any(media == "multipart/digest" for media in part.types), [])
        found = False
        for mark in marks:
            found = self._split(level, part.source, part.body_start, part.end, mark) or found
        if part.encoding.encodings != (Encoding.IDENTITY,):
            found = self._split_decoded(level, marks, self._beyond(part, marks) if found else part.contents(self.ledger)) or found
        if found and not multipart:
            self.ledger.note(Defect.BOUNDARY_WITHOUT_MULTIPART, part.place)
        if not found:
            part.is_leaf = True
            if multipart:
                self._files(part.source, part.body_start, part.end, part.number, depth, level.children, part.place)
            if multipart and not self._has_dashes(part):
                # Nothing that any reader would take for a part: a returned message whose body was left out.
                self.ledger.note(Defect.NO_PARTS, part.place)
            elif multipart:
                self.ledger.note(Defect.MISSING_BOUNDARY if marks else Defect.MISSING_BOUNDARY_PARAMETER, part.place)
                self.doubtful = True
            elif not self._is_message(part):
                self._look_into(part, depth)
        part.children = (*part.children, *level.children)
        if depth == 0 and part.children and returned.is_report(part):
            returned.mark(part.children[-1])
        if not multipart and self._is_message(part):
            # A message is one whatever boundary its type has.
            self._nested(part, depth, outer)

    def _has_dashes(self, part: Part) -> bool:
        """Whether any line of the body could be a delimiter."""
        source, start = part.source, part.body_start
        return source[start : min(start + 2, part.end)] == b"--" or self._dashes(source, start, part.end) >= 0

    def _dashes(self, source: Octets, start: int, end: int) -> int:
        """Where the next line stands that begins with dashes, -1 where none does. What lies in one another is looked at once."""
        known, since, until, at = self.dashes
        if known is not source or until != end or not (since <= start and (at < 0 or at >= start)):
            at = boundaries.find(source, b"\n--", start, end)
            self.dashes = (source, start, end, at)
        return at

    def _beyond(self, part: Part, marks: list[bytes]) -> list[bytes]:
        """The readings of a multipart, encoded as a whole, that have more parts or fields than can be seen as it stands."""
        raw = part.source[part.body_start : part.body_start + self.ledger.spend_decoded(part.end - part.body_start, part.place)]
        lines, fields = boundaries.signs(raw, marks)
        found: list[bytes] = []
        for encoding in part.encoding.encodings:
            if encoding is Encoding.IDENTITY or encoding in part.encoding.sniffed:
                continue
            # Quoted-printable leaves most as it stands; a delimiter in what was base64 is always another.
            quoted = encoding is Encoding.QUOTED_PRINTABLE
            for one in transfer.decode(raw, encoding).results:
                others, more = boundaries.signs(one, marks)
                if one != raw and (others > lines or more > fields if quoted else others):
                    found.append(one)
        return found

    def _split_decoded(self, level: _Level, marks: list[bytes], contents: Iterable[bytes]) -> bool:
        """A multipart that is encoded as a whole (RFC 2045 6.4 forbids it; some readers decode it)."""
        found = False
        for content in contents:
            self.sources.append(content)
            doubtful, self.doubtful = self.doubtful, False
            for mark in marks:
                found = self._split(level, content, 0, len(content), mark) or found
            if self.doubtful:
                self._flat(content, 0, len(content), level.part.number, level.depth, level.children)
            self.doubtful = self.doubtful or doubtful
        if found:
            self.ledger.note(Defect.ENCODED_MULTIPART, level.part.place)
        return found

    def _split(self, level: _Level, source: Octets, start: int, end: int, mark: bytes) -> bool:
        """Add the parts between the lines of one boundary; False where it does not occur."""
        if not self.ledger.spend_scan(end - start):
            return False
        found = boundaries.delimiters(source, start, end, mark, self.ledger.parts + 1)
        lines, part, children = found.lines, level.part, level.children
        if not lines:
            return False
        if found.cut:
            self.ledger.note(Defect.TOO_MANY_PARTS, "message")
        self.doubtful = self.doubtful or found.longer
        inner = level.outer | {mark}
        kind = "message/rfc822" if level.digest else "text/plain"
        self._outside(level, source, start, lines[0][0], Defect.CONTENT_IN_PREAMBLE)
        last_open = max((index for index, line in enumerate(lines) if not line[2]), default=-1)
        for index, (_, line_end, closes) in enumerate(lines):
            stop = lines[index + 1][0] if index + 1 < len(lines) else end
            if closes:
                if index < last_open:
                    self.ledger.note(Defect.PARTS_AFTER_END, part.place)
                    self.doubtful = True
                self._outside(level, source, line_end, stop, Defect.CONTENT_IN_EPILOGUE)
                continue
            if self.ledger.parts <= 0:
                self.ledger.note(Defect.TOO_MANY_PARTS, "message")
                break
            number = _number(part.number, len(children))
            block = headers.read(source, line_end, stop, self.ledger, f"part {number}")
            first = len(children)
            if (
                not block.get("content-type")
                and (late := headers.late(source, block.body_start, stop, self.ledger, f"part {number}")) is not None
            ):
                children.append(self.part(source, line_end, stop, late, number, level.depth + 1, kind, inner))
                number = _number(part.number, len(children))
            children.append(self.part(source, line_end, stop, block, number, level.depth + 1, kind, inner))
            if index and any(media != _ALTERNATIVE for media in part.types):
                for child in children[first:]:
                    _be_further(child)
            for at in block.early_ends[: 1 if self.resting else _MAX_ENDS]:
                resting, self.resting = self.resting, True
                self._rest(source, line_end, at, stop, block, part.number, level.depth, children)
                self.resting = resting
        if not found.closed:
            self.ledger.note(Defect.MISSING_FINAL_BOUNDARY, part.place)
            self.doubtful = self.doubtful or bool(level.outer)
        return True

    def _outside(self, level: _Level, source: Octets, start: int, end: int, defect: Defect) -> None:
        """What stands before the first and behind the last part: no reader should show it, some do (RFC 2046 5.1.1)."""
        if outside.is_idle(source, start, end):
            return
        number = level.part.number
        if (
            self._files(source, start, end, number, level.depth, level.children, level.part.place, defect)
            or self.ledger.spend_part()
        ):
            leaf = Part(source, start, end, Headers([], start), _number(number, len(level.children)), "text/plain", self.ledger)
            level.children.append(leaf)

    def _files(
        self,
        source: Octets,
        start: int,
        end: int,
        number: str,
        depth: int,
        children: list[Part],
        place: str,
        defect: Defect | None = None,
    ) -> bool:
        """What looks like a file where no part is, by its fields or as base64; False where there is none, and no uuencoded one.

        `defect`: what it is where parts of another boundary stand there; None where these are a defect of their own.
        """
        key = (id(source), start, end)
        if key in self.looked:
            return False
        self.looked.add(key)
        if not self.ledger.spend_scan(end - start):
            return False
        octets = source[start:end]
        dashes = 0 if octets.startswith(b"--") else max(-1, self._dashes(source, start, end) - start)  # behind: parts, one by one
        found = outside.look(octets, len(octets) if dashes < 0 else dashes)
        # Dashes that are none of a known boundary, and fields: part of it to those who split flat.
        if dashes >= 0 and boundaries.first_start(octets, dashes, len(octets)) >= 0:
            self.doubtful = True
            if defect is not None:
                self.ledger.note(defect, place)
        if not found.any or not self.ledger.spend_part():
            return False
        self.ledger.note(defect or Defect.CONTENT_IN_PREAMBLE, place)
        if found.fields >= 0:
            at = start + found.fields
            child = _number(number, len(children))
            block = headers.read(source, at, end, self.ledger, f"part {child}")
            children.append(self.part(source, at, end, block, child, depth + 1, "text/plain", frozenset()))
        for at, stop in found.runs:
            child = _number(number, len(children))
            leaf = Part(source, start + at, start + stop, Headers([], start + at), child, "application/octet-stream", self.ledger)
            leaf.encoding = transfer.Declared((Encoding.BASE64,))
            children.append(leaf)
        return True

    # -- messages and hidden structure

    def _nested(self, part: Part, depth: int, outer: frozenset[bytes]) -> None:
        """The message in a message part (RFC 2046 5.2.1), also where it is encoded."""
        part.is_message = True
        part.is_leaf = False
        if depth >= self.ledger.budget.depth:
            self.ledger.note(Defect.TOO_DEEP, part.place)
            return
        children: list[Part] = []
        identity = Encoding.IDENTITY in part.encoding.encodings
        if identity:
            children += self._letters(part, part.source, part.body_start, part.end, depth, outer)
        if part.encoding.encodings != (Encoding.IDENTITY,):
            if not identity and part.types[0] in _MESSAGES and clean_base64.decode(part.raw()) is None:
                self.ledger.note(Defect.ENCODED_MESSAGE, part.place)
            raw = part.raw() if identity else None
            for content in part.contents(self.ledger):
                if content != raw:
                    children += self._letters(part, content, 0, len(content), depth, frozenset())
        part.children = (*part.children, *children)

    def _letters(self, part: Part, source: Octets, start: int, end: int, depth: int, outer: frozenset[bytes]) -> Iterator[Part]:
        """The message between two offsets, each of those in a mailbox."""
        is_mailbox = any(name.lower().endswith(mailbox.ENDING) for name in part.name_candidates())
        spans = mailbox.letters(source, start, end) if is_mailbox else [(start, end)]
        for index, (begin, stop) in enumerate(spans):
            if self.ledger.parts > 0:
                number = part.number if len(spans) == 1 else _number(part.number, index)
                yield self.message(source, begin, stop, number, depth + 1, outer)
            else:
                self.ledger.note(Defect.TOO_MANY_PARTS, "message")

    def _look_into(self, part: Part, depth: int) -> None:
        """A simple body that looks like a multipart: some readers guess the boundary."""
        start, end = part.body_start, part.end
        if Encoding.IDENTITY not in part.encoding.encodings:
            return
        at = boundaries.find(part.source, b"\n--", max(0, start - 1), end)
        if at < 0:
            return
        first = boundaries.first_start(part.source, at + 1, end)
        dashes = returned.below(part, end if first < 0 else first) if depth == 0 else None
        if (first < 0 and dashes is None) or not self.ledger.spend_scan(end - start):
            return
        children = list(part.children)
        if dashes is not None:
            self._returned(part, *dashes, depth, children)
        else:
            self._files(part.source, start, first, part.number, depth, children, part.place)
            count = len(children)
            self._flat(part.source, start, end, part.number, depth, children)
            if not all(map(_is_quoted, children[count:])):
                self.ledger.note(Defect.HIDDEN_MULTIPART, part.place)
        part.children = tuple(children)

    def _returned(self, part: Part, dashes: int, at: int, depth: int, children: list[Part]) -> None:
        """The message in the text of a bounce: a multipart is hidden there if the message's own header says nothing of it."""
        source, start = part.source, part.body_start
        end = returned.end_of(source, at, part.end)
        self._files(source, start, dashes, part.number, depth, children, part.place)
        letter = self.message(source, at, end, _number(part.number, len(children)), depth + 1, frozenset())
        returned.mark(letter)
        children.append(letter)
        count = len(children)
        self._flat(source, at, end, part.number, depth, children)
        if len(children) > count:
            self.ledger.note(Defect.HIDDEN_MULTIPART, part.place)

    def _flat(self, source: Octets, start: int, end: int, number: str, depth: int, children: list[Part]) -> None:
        """Every line that begins a part for any reader begins one; it ends at the next line that ends one for any reader."""
        if depth >= self.ledger.budget.depth or not self.ledger.spend_scan(end - start):
            return
        starts = boundaries.starts(source, start, end, self.ledger.parts + 1)
        ends = boundaries.ends(source, start, end, self.marks, starts)
        header_ends, body_start = -1, end
        for index, begun in enumerate(starts):
            line_end = begun.behind
            if header_ends < line_end:
                # The next empty line may be that of several parts: it is looked for once.
                header_end = _HEADER_END.search(source, line_end, end)
                header_ends, body_start = (end, end) if header_end is None else header_end.span()
            following = starts[index + 1].at if index + 1 < len(starts) else end
            if following <= line_end < end:  # a delimiter right behind another
                continue
            at = bisect_left(ends, body_start)
            first = min(following, ends[at]) if at < len(ends) else following
            known = self.seen.get((id(source), line_end, body_start))
            if known is not None:
                stops = [first] if known.is_leaf and first < known.end else []
            elif (closing := source.find(b"\n--" + begun.token, body_start, following)) >= 0:
                behind = source.find(b"\n", closing + 1, following) + 1 or following
                self._files(source, behind, following, number, depth, children, "message", Defect.CONTENT_IN_EPILOGUE)
                stops = [closing + 1, first]
            else:
                stops = [following, first]
            for stop in dict.fromkeys(stops):
                # The line end before a delimiter is the delimiter's (RFC 2046 5.1.1).
                if stop < end and source[stop - 1 : stop] == b"\n":
                    stop -= 2 if source[stop - 2 : stop - 1] == b"\r" else 1
                if self.ledger.parts <= 0:
                    return
                child_number = _number(number, len(children))
                block = headers.read(source, line_end, stop, self.ledger, f"part {child_number}")
                if not block.fields:
                    block = headers.late(source, block.body_start, stop, self.ledger, f"part {child_number}") or block
                child = self.part(source, line_end, stop, block, child_number, depth + 1, "text/plain", frozenset())
                if index:
                    _be_further(child)
                children.append(child)


def _be_further(part: Part) -> None:
    """A part that stands behind others, and all in it but what lies in a message."""
    pending = [part]
    while pending:
        one = pending.pop()
        one.is_further = True
        if not one.is_message:
            pending.extend(one.children)


def _is_quoted(part: Part) -> bool:
    """Whether a part found in a text is no more than that text: people quote whole mails."""
    texts = not part.children and part.encoding.encodings == (Encoding.IDENTITY,) and all(media in _QUOTED for media in part.types)
    return texts and not (part.is_attachment or part.name_candidates())


def _number(number: str, count: int) -> str:
    return f"{number}.{count + 1}" if number else str(count + 1)
