"""Multiparts that no field declares: in a text that looks like one, and in the message that a bounce returns in its text."""

from screener.anatomy.defects import Defect
from screener.anatomy.mime import boundaries, flat, outside, returned
from screener.anatomy.mime.part import Part
from screener.anatomy.mime.reader import Reader, next_number
from screener.anatomy.mime.transfer import Encoding

_QUOTED = ("text/plain", "text/html")


def look_into(reader: Reader, part: Part, depth: int) -> None:
    """A simple body that looks like a multipart: some readers guess the boundary."""
    start, end = part.body_start, part.end
    if Encoding.IDENTITY not in part.encoding.encodings:
        return
    at = boundaries.find(part.source, b"\n--", max(0, start - 1), end)
    if at < 0:
        return
    first = boundaries.first_start(part.source, at + 1, end)
    dashes = returned.below(part, end if first < 0 else first) if depth == 0 else None
    if (first < 0 and dashes is None) or not reader.ledger.spend_scan(end - start):
        return
    children = list(part.children)
    if dashes is not None:
        _returned(reader, part, *dashes, depth, children)
    else:
        outside.files(reader, part.source, start, first, part.number, depth, children, part.place)
        count = len(children)
        flat.split(reader, part.source, start, end, part.number, depth, children)
        if not all(map(_is_quoted, children[count:])):
            reader.ledger.note(Defect.HIDDEN_MULTIPART, part.place)
    part.children = tuple(children)


def _returned(reader: Reader, part: Part, dashes: int, at: int, depth: int, children: list[Part]) -> None:
    """The message in the text of a bounce: a multipart is hidden there if the message's own header says nothing of it."""
    source, start = part.source, part.body_start
    end = returned.end_of(source, at, part.end)
    outside.files(reader, source, start, dashes, part.number, depth, children, part.place)
    letter = reader.message(source, at, end, next_number(part.number, len(children)), depth + 1)
    returned.mark(letter)
    children.append(letter)
    count = len(children)
    flat.split(reader, source, at, end, part.number, depth, children)
    if len(children) > count:
        reader.ledger.note(Defect.HIDDEN_MULTIPART, part.place)


def _is_quoted(part: Part) -> bool:
    """Whether a part found in a text is no more than that text: people quote whole mails."""
    texts = not part.children and part.encoding.encodings == (Encoding.IDENTITY,) and all(media in _QUOTED for media in part.types)
    return texts and not (part.is_attachment or part.name_candidates())
