"""What stands behind an early end of a header: a line of blanks or of junk, where some readers end it and most do not."""

from screener.anatomy.defects import Defect, Limit
from screener.anatomy.mime import headers, outside
from screener.anatomy.mime.fields import Headers
from screener.anatomy.mime.part import Part
from screener.anatomy.mime.reader import Reader, next_number
from screener.anatomy.octets import Octets

_SHAPING = ("content-type", "content-transfer-encoding", "content-disposition")
_SHOWN = 512 * 1024  # octets of a text that few readers show


def read(
    reader: Reader, source: Octets, start: int, at: int, end: int, block: Headers, number: str, depth: int, children: list[Part]
) -> None:
    """What readers show that end a header at a junk line or at a line of blanks: a text, or what the fields before it say."""
    if reader.ledger.parts <= 0:
        return
    child_number = next_number(number, len(children))
    rest = headers.before(source, start, at, reader.ledger, f"part {child_number}")
    said = [rest.raws(key) for key in _SHAPING]
    is_blank = at > start and source[max(start, source.rfind(b"\n", start, at - 1) + 1) : at].isspace()
    if is_blank and not any(said):
        # To them it is a text in which no fields count: what is base64, a page or parts to others is shown as it stands.
        stop = min(end, max(block.body_start, at + _SHOWN))
        if stop < end:
            reader.ledger.note(Defect.TEXT_TRUNCATED, f"part {child_number}", Limit.FIXED)
        text = Part(source, at, stop, Headers([], at), child_number, "text/plain", reader.ledger)
        children += [text] if reader.ledger.spend_part() else []
        return
    same = said == [block.raws(key) for key in _SHAPING]
    if is_blank and not same:
        reader.ledger.note(Defect.DOUBTFUL_MIME_FIELD, f"part {child_number}")
    if not any(said) or (same and not said[1] and any(b"multipart" in value.lower() for value in said[0])):
        rest = Headers([], at)  # of the same parts once more, only the text before them is new
    children.append(reader.part(source, at, end, rest, child_number, depth + 1))
    if not rest.fields and any(b"multipart" in value.lower() for value in block.raws("content-type")):
        dashes = reader.next_dashes(source, at, end)
        outside.files(reader, source, at, end if dashes < 0 else dashes, number, depth, children, "")
