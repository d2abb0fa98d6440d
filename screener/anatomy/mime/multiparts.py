"""Multiparts, split by every boundary that some reader takes (RFC 2046 5.1)."""

from collections.abc import Iterable, Iterator

from screener.anatomy.defects import Defect, Limit
from screener.anatomy.mime import boundaries, early_ends, flat, headers, hidden, line_ends, messages, outside, returned, transfer
from screener.anatomy.mime.fields import Headers
from screener.anatomy.mime.part import Part, be_further
from screener.anatomy.mime.reader import Reader, next_number
from screener.anatomy.mime.transfer import Encoding
from screener.anatomy.octets import Octets
from screener.frozen import dataclass

_ALTERNATIVE = "multipart/alternative"
_QUOTED = Encoding.QUOTED_PRINTABLE
_MAX_ENDS = 2  # of a part's header, that are followed


@dataclass(frozen=True, slots=True)
class _Level:
    """A multipart that is being split, and the parts found in it so far."""

    part: Part
    depth: int
    outer: frozenset[bytes]  # boundaries of the multiparts it lies in
    digest: bool
    children: list[Part]


def split(reader: Reader, part: Part, candidates: list[str], multipart: bool, depth: int, outer: frozenset[bytes]) -> None:
    """Add its parts to a part that is a multipart, or only has a boundary."""
    ledger = reader.ledger
    part.is_leaf = not multipart or _is_shown_whole(part)
    encoded = any(one.encoded("boundary") for one in part.content_types)
    marks, doubtful = boundaries.said(candidates, encoded, ledger, part.place)
    reader.doubtful = reader.doubtful or doubtful
    reader.marks.update(marks)
    if returned.is_report(part):
        reader.reports.add(part.number)
    if not outer.isdisjoint(marks):
        ledger.note(Defect.BOUNDARY_REUSED, part.place)
        reader.doubtful = True
    if depth >= ledger.budget.depth:
        ledger.note(Defect.TOO_DEEP, part.place)
        part.is_leaf = True
        return
    level = _Level(part, depth, outer, "multipart/digest" in part.types, [])
    found = False
    for mark in marks:
        found = _split(reader, level, part.source, part.body_start, part.end, mark) or found
    if part.encoding.encodings != (Encoding.IDENTITY,):
        decoded = _beyond(reader, part, marks) if found else _with_line_ends(reader, part.contents(ledger))
        found = _split_decoded(reader, level, marks, decoded) or found
    if found and not multipart:
        ledger.note(Defect.BOUNDARY_WITHOUT_MULTIPART, part.place)
    if not found:
        part.is_leaf = True
        if multipart:
            outside.files(reader, part.source, part.body_start, part.end, part.number, depth, level.children, part.place)
        if multipart and not _has_dashes(reader, part):
            # Nothing that any reader would take for a part: a returned message whose body was left out.
            ledger.note(Defect.NO_PARTS, part.place)
        elif multipart:
            ledger.note(Defect.MISSING_BOUNDARY if marks else Defect.MISSING_BOUNDARY_PARAMETER, part.place)
            reader.doubtful = True
        elif not messages.is_message(reader, part):
            hidden.look_into(reader, part, depth)
    part.children = (*part.children, *level.children)
    if depth == 0 and part.children and returned.is_report(part):
        returned.mark(part.children[-1])
    if not multipart and messages.is_message(reader, part):
        # A message is one whatever boundary its type has.
        messages.nested(reader, part, depth, outer)


def _is_shown_whole(part: Part) -> bool:
    """Whether readers of another type show what stands in none of its parts: a file, or a text; one in base64 is found anyway."""
    others = [media for media in part.types if not media.startswith("multipart")]
    return any(not media.startswith("text/") for media in others) or (bool(others) and part.encoding.encodings == (_QUOTED,))


def _has_dashes(reader: Reader, part: Part) -> bool:
    """Whether any line of the body could be a delimiter."""
    source, start = part.source, part.body_start
    return source[start : min(start + 2, part.end)] == b"--" or reader.next_dashes(source, start, part.end) >= 0


def _beyond(reader: Reader, part: Part, marks: list[bytes]) -> list[bytes]:
    """The readings of a multipart, encoded as a whole, that have more parts or fields than can be seen as it stands."""
    raw = part.source[part.body_start : part.body_start + reader.ledger.spend_decoded(part.end - part.body_start, part.place)]
    lines, fields = boundaries.signs(raw, marks)
    found: list[bytes] = []
    for encoding in part.encoding.encodings:
        if encoding is Encoding.IDENTITY or encoding in part.encoding.sniffed:
            continue
        # Quoted-printable leaves most as it stands; a delimiter in what was base64 is always another.
        quoted = encoding is Encoding.QUOTED_PRINTABLE
        for one in _with_line_ends(reader, transfer.decode(raw, encoding).results):
            others, more = boundaries.signs(one, marks)
            if one != raw and (others > lines or more > fields if quoted else others):
                found.append(one)
    return found


def _split_decoded(reader: Reader, level: _Level, marks: list[bytes], contents: Iterable[bytes]) -> bool:
    """A multipart that is encoded as a whole (RFC 2045 6.4 forbids it; some readers decode it)."""
    found = False
    for content in contents:
        reader.sources.append(content)
        doubtful, reader.doubtful = reader.doubtful, False
        for mark in marks:
            found = _split(reader, level, content, 0, len(content), mark) or found
        if reader.doubtful:
            flat.split(reader, content, 0, len(content), level.part.number, level.depth, level.children)
        reader.doubtful = reader.doubtful or doubtful
    if found:
        reader.ledger.note(Defect.ENCODED_MULTIPART, level.part.place)
    return found


def _with_line_ends(reader: Reader, contents: Iterable[bytes]) -> Iterator[bytes]:
    """What is decoded, and with other line ends where some readers see more of them: no listener saw these."""
    for content in contents:
        yield content
        if line_ends.has_bare_cr(content) and reader.ledger.spend_scan(len(content)):
            yield from line_ends.normalised(content)


def _split(reader: Reader, level: _Level, source: Octets, start: int, end: int, mark: bytes) -> bool:
    """Add the parts between the lines of one boundary; False where it does not occur."""
    ledger = reader.ledger
    if not ledger.spend_scan(end - start):
        return False
    found = boundaries.delimiters(source, start, end, mark, ledger.parts + 1)
    lines, part, children = found.lines, level.part, level.children
    if not lines:
        return False
    if found.cut:
        ledger.note(Defect.TOO_MANY_PARTS, "message", Limit.PARTS)
    reader.doubtful = reader.doubtful or found.longer
    inner = level.outer | {mark}
    kind = "message/rfc822" if level.digest else "text/plain"
    _outside(reader, level, source, start, lines[0][0], Defect.CONTENT_IN_PREAMBLE)
    last_open = max([index for index, line in enumerate(lines) if not line[2]], default=-1)
    is_choice = part.types == (_ALTERNATIVE,)
    for index, (_, line_end, closes) in enumerate(lines):
        stop = lines[index + 1][0] if index + 1 < len(lines) else end
        if closes:
            if index < last_open:
                ledger.note(Defect.PARTS_AFTER_END, part.place)
                reader.doubtful = True
            _outside(reader, level, source, line_end, stop, Defect.CONTENT_IN_EPILOGUE)
            continue
        if ledger.parts <= 0:
            ledger.note(Defect.TOO_MANY_PARTS, "message", Limit.PARTS)
            break
        number = next_number(part.number, len(children))
        block = headers.read(source, line_end, stop, ledger, f"part {number}")
        first = len(children)
        late = None if block.get("content-type") else headers.late(source, block.body_start, stop, ledger, f"part {number}")
        if late is not None:
            children.append(reader.part(source, line_end, stop, late, number, level.depth + 1, kind, inner))
            number = next_number(part.number, len(children))
        children.append(reader.part(source, line_end, stop, block, number, level.depth + 1, kind, inner))
        if index and not is_choice:
            for child in children[first:]:
                be_further(child)
        for at in block.early_ends[: 1 if reader.resting else _MAX_ENDS]:
            resting, reader.resting = reader.resting, True
            early_ends.read(reader, source, line_end, at, stop, block, part.number, level.depth, children)
            reader.resting = resting
    if not found.closed:
        ledger.note(Defect.MISSING_FINAL_BOUNDARY, part.place)
        reader.doubtful = reader.doubtful or bool(level.outer)
    return True


def _outside(reader: Reader, level: _Level, source: Octets, start: int, end: int, defect: Defect) -> None:
    """What stands before the first and behind the last part: no reader should show it, some do (RFC 2046 5.1.1)."""
    if outside.is_idle(source, start, end):
        return
    number = level.part.number
    if (
        outside.files(reader, source, start, end, number, level.depth, level.children, level.part.place, defect)
        or reader.ledger.spend_part()
    ):
        leaf = Part(source, start, end, Headers([], start), next_number(number, len(level.children)), "text/plain", reader.ledger)
        level.children.append(leaf)
