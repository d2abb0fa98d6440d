"""Message parts: whether a part is one, and the message in it (RFC 2046 5.2)."""

from collections.abc import Iterator

from screener.anatomy import names
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.mime import clean_base64, mailbox
from screener.anatomy.mime.part import Part
from screener.anatomy.mime.reader import Reader, next_number
from screener.anatomy.mime.transfer import Encoding
from screener.anatomy.octets import Octets

_MESSAGES = {"message/rfc822", "message/global", "message/news", "message/rfc-822"}
_ELSEWHERE = (("message/partial", Defect.PARTIAL_MESSAGE), ("message/external-body", Defect.EXTERNAL_BODY))
_FRAGMENT_KEYS = ("id", "number", "total")
_MESSAGE_NAMES = (".eml", ".mht", ".mhtml", ".nws", mailbox.ENDING)
_MAX_FORMS = 32  # of a part's names, in which it may be that of a message


def is_message(reader: Reader, part: Part) -> bool:
    """Whether some reader takes a part for a message."""
    media = part.types[0]
    if media in ("text/plain", "text/html"):
        return len(part.types) > 1 and any(one in _MESSAGES for one in part.types)
    for one, defect in _ELSEWHERE:
        if one in part.types:
            # What is there is a message as well: the fragment's beginning, the phantom's fields (RFC 2046 5.2.2, 5.2.3).
            # What old bounces return and does not say of what it is a fragment is put together by nobody.
            known = any(field.readings(key) for field in part.content_types for key in _FRAGMENT_KEYS)
            whole = defect is Defect.PARTIAL_MESSAGE and not known and part.number.rpartition(".")[0] in reader.reports
            reader.ledger.note(Defect.INVALID_CONTENT_TYPE if whole else defect, part.place)
            return True
    if any(one in _MESSAGES for one in part.types):
        return True
    if not part.declared:
        return False
    return any(name.lower().rstrip(". ").endswith(_MESSAGE_NAMES) for name in names.forms(part.name_candidates(), _MAX_FORMS))


def nested(reader: Reader, part: Part, depth: int, outer: frozenset[bytes]) -> None:
    """The message in a message part (RFC 2046 5.2.1), also where it is encoded."""
    ledger = reader.ledger
    part.is_message = True
    part.is_leaf = False
    if depth >= ledger.budget.depth:
        ledger.note(Defect.TOO_DEEP, part.place)
        return
    children: list[Part] = []
    identity = Encoding.IDENTITY in part.encoding.encodings
    if identity:
        children += _letters(reader, part, part.source, part.body_start, part.end, depth, outer)
    if part.encoding.encodings != (Encoding.IDENTITY,):
        if not identity and part.types[0] in _MESSAGES and clean_base64.decode(part.raw()) is None:
            ledger.note(Defect.ENCODED_MESSAGE, part.place)
        raw = part.raw() if identity else None
        for content in part.contents(ledger):
            if content != raw:
                children += _letters(reader, part, content, 0, len(content), depth, frozenset())
    part.children = (*part.children, *children)


def _letters(
    reader: Reader, part: Part, source: Octets, start: int, end: int, depth: int, outer: frozenset[bytes]
) -> Iterator[Part]:
    """The message between two offsets, each of those in a mailbox."""
    is_mailbox = any(name.lower().endswith(mailbox.ENDING) for name in part.name_candidates())
    spans = mailbox.letters(source, start, end) if is_mailbox else [(start, end)]
    for index, (begin, stop) in enumerate(spans):
        if reader.ledger.parts > 0:
            number = part.number if len(spans) == 1 else next_number(part.number, index)
            yield reader.message(source, begin, stop, number, depth + 1, outer)
        else:
            reader.ledger.note(Defect.TOO_MANY_PARTS, "message", Limit.PARTS)
