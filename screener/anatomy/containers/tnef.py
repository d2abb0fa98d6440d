"""Outlook's winmail.dat (MS-OXTNEF): names and contents of what is attached in it, its body text, and who it is from and to.

Promises: linear, bounded, never raises; what is damaged gives what could be read, and says so.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from screener.anatomy import charset_names, charsets
from screener.anatomy.office import code_pages

SIGNATURE = b"\x78\x9f\x3e\x22"
_MESSAGE, _ATTACHMENT = 1, 2
# Attributes (MS-OXTNEF 2.1.3.3, 2.1.3.4); the upper half of the identifier is the kind of value.
_RENDER_DATA, _PROPERTIES = 0x9002, 0x9005
_WIDE = "utf_16_le"
# Properties (MS-OXPROPS).
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _EXTENSION, _MEDIA_TYPE, _DATA_BINARY = 0x3707, 0x3704, 0x3001, 0x3703, 0x370E, 0x3701
_PATHS = (0x370D, 0x3708)  # of a file that is attached by naming it, …
_ADDRESS = re.compile(r"https?:", re.IGNORECASE)  # … or of one in the web, where a name says nothing
_OF_FILES = frozenset((_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _EXTENSION, _MEDIA_TYPE, *_PATHS))
_CODE_PAGE = 0x3FDE  # of the page
_SUBJECT, _PLAIN_BODY, _HTML_BODY, _RTF_BODY = 0x0037, 0x1000, 0x1013, 0x1009
# Sender and on whose behalf, with what may be no address of SMTP and with that; To, Cc, Bcc, as displayed.
_PEOPLE = frozenset((0x0C1A, 0x0C1F, 0x5D01, 0x0042, 0x0065, 0x5D02, 0x0E04, 0x0E03, 0x0E02))
_RECIPIENTS = frozenset((0x3001, 0x39FE, 0x3003))  # a name, an address of SMTP, any address
_FROM, _NAME_LIMIT = 8, 4096  # where attFrom has a name and an address, each ended by a NUL (2.1.3.3), and how much of it is read
_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8, 0x0040: 8, 0x0048: 16}
_VARIABLE = {0x000D, 0x001E, 0x001F, 0x0102}
_MAX_ATTACHMENTS = 1_000
_MAX_PROPERTIES = 10_000
Taker = Callable[[int, int, bytes], None]  # of a property's kind, identifier and value


@dataclass(slots=True)
class Attached:
    """One file in it."""

    names: list[str] = field(default_factory=list)
    octets: bytes = b""
    extension: str = ""  # Outlook's own word on what it is, without dot
    types: list[str] = field(default_factory=list)

    def every_name(self) -> tuple[str, ...]:
        """Its names; with the extension, where none of them has it."""
        if not self.extension or any(name.lower().endswith(f".{self.extension}".lower()) for name in self.names):
            return tuple(self.names)
        return (*self.names, f"{self.names[0] if self.names else 'attachment'}.{self.extension}")


@dataclass(slots=True)
class Tnef:
    """What is in it; `bodies` are texts as octets with their kind ("plain", "html", "rtf"), and their charset where it is known."""

    attached: list[Attached] = field(default_factory=list)
    bodies: list[tuple[str, bytes, str]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)  # names and addresses
    charset: str = "cp1252"
    page_charset: str = ""
    damaged: bool = False

    def shown(self, *, people: bool) -> list[tuple[str, bytes, str]]:
        """Its bodies; and who it is from and to, which of a mail itself is said by its fields (MS-OXCMAIL 2.2.3.1)."""
        said = "\n".join(dict.fromkeys(self.people)) if people else ""
        return [*self.bodies, ("plain", said.encode("utf-8", "replace"), "utf_8")] if said else self.bodies

    def charsets(self, kind: str, own: str) -> tuple[str, ...]:
        """Those a body may be in: its own, or the page's, and that of all else."""
        if own:
            return (own,)
        page = (self.page_charset,) if kind == "html" and self.page_charset else ()
        return tuple(dict.fromkeys((*page, self.charset)))


def read(octets: bytes) -> Tnef:
    """Everything found up to the end or the damage."""
    found = Tnef()
    at = 6
    if not octets.startswith(SIGNATURE):
        found.damaged = True
        return found
    while at + 11 <= len(octets):
        level = octets[at]
        identifier, length = struct.unpack_from("<LL", octets, at + 1)
        start = at + 9
        if level not in (_MESSAGE, _ATTACHMENT) or start + length > len(octets):
            found.damaged = True
            break
        _attribute(found, level, identifier & 0xFFFF, octets[start : start + length])
        at = start + length + 2  # a checksum follows, which nobody looks at
        if len(found.attached) > _MAX_ATTACHMENTS:
            found.damaged = True
            break
    return found


def _attribute(found: Tnef, level: int, identifier: int, value: bytes) -> None:
    if level == _ATTACHMENT and (identifier == _RENDER_DATA or not found.attached):
        found.attached.append(Attached())
    match identifier:
        case 0x9007:
            if len(value) >= 4:
                found.charset = code_pages.codec(int.from_bytes(value[:4], "little"))
        case 0x8010 | 0x9001 if found.attached and level == _ATTACHMENT:
            found.attached[-1].names += _names(value.rstrip(b"\0"), found.charset)
        case 0x800F if found.attached:
            _hold(found, found.attached[-1], value)
        case 0x8004 | 0x800C if level == _MESSAGE:
            found.bodies.append(("plain", value.rstrip(b"\0"), ""))
        case 0x8000 if level == _MESSAGE:
            for one in value[_FROM:_NAME_LIMIT].split(b"\0"):
                _meet(found, one, found.charset)
        case 0x9003 | 0x9005:
            is_of_file = identifier == _PROPERTIES and found.attached
            _properties(
                found, value, 0, partial(_of_file, found, found.attached[-1]) if is_of_file else partial(_of_message, found)
            )
        case 0x9004 if level == _MESSAGE:
            _recipients(found, value)
        case _:
            pass


def _charset(found: Tnef, kind: int) -> str:
    """In which the texts of a property are."""
    return _WIDE if kind == 0x001F else found.charset


def _names(octets: bytes, charset: str) -> list[str]:
    """A name, and where its code page is none in which ASCII is ASCII, as readers have it that do not look at the page."""
    names = [charsets.text(octets, charset)]
    if charset != _WIDE and not charset_names.seven_bit_means_ascii(charset):
        names.append(charsets.text(octets))
    return [name for name in dict.fromkeys(name.rstrip("\0") for name in names) if name]


def _meet(found: Tnef, octets: bytes, charset: str) -> None:
    """A name or address of somebody."""
    if len(found.people) < _MAX_PROPERTIES:
        found.people += _names(octets, charset)
    else:
        found.damaged = True


def _hold(found: Tnef, attached: Attached, value: bytes) -> None:
    """The octets of a file; where others were said before, it is two files of the same names: readers do not agree which counts."""
    same = [one for one in found.attached if one.names is attached.names]
    if not attached.octets:
        attached.octets = value
    elif value not in [one.octets for one in same]:
        found.attached.append(Attached(attached.names, value, attached.extension, attached.types))


def _recipients(found: Tnef, value: bytes) -> None:
    """A table, each row of which is a list of properties (MS-OXTNEF 2.1.3.3)."""
    rows, at = int.from_bytes(value[:4], "little"), 4
    found.damaged |= rows > _MAX_PROPERTIES
    for _ in range(min(rows, _MAX_PROPERTIES)):
        at = _properties(found, value, at, partial(_of_recipient, found))
        if at < 0:
            found.damaged = True
            return


def _properties(found: Tnef, value: bytes, at: int, taker: Taker) -> int:
    """A list of MAPI properties (MS-OXTNEF 2.1.3.4.2); answers where it ends, -1 where that cannot be told."""
    if at + 4 > len(value):
        return -1
    count = int.from_bytes(value[at : at + 4], "little")
    found.damaged |= count > _MAX_PROPERTIES
    at += 4
    for _ in range(min(count, _MAX_PROPERTIES)):
        if at + 4 > len(value):
            found.damaged = True
            return -1
        kind, identifier = struct.unpack_from("<HH", value, at)
        at += 4
        if identifier >= 0x8000:
            at = _skip_name(value, at)
        at = _property(found, value, at, kind, identifier, taker)
        if at < 0:
            found.damaged = True
            return -1
    return at


def _skip_name(value: bytes, at: int) -> int:
    """A named property: a GUID, then a number or a text."""
    if at + 24 > len(value):
        return len(value) + 1
    by_text, number = struct.unpack_from("<LL", value, at + 16)
    return at + 24 + (_padded(number) if by_text else 0)


def _property(found: Tnef, value: bytes, at: int, kind: int, identifier: int, taker: Taker) -> int:
    """One property's value or values; answers where the next begins, -1 where it cannot be told."""
    multiple = kind & 0x1000
    kind &= 0x0FFF
    values = 1
    if multiple or kind in _VARIABLE:
        if at + 4 > len(value):
            return -1
        values = int.from_bytes(value[at : at + 4], "little")
        at += 4
    if kind in _FIXED:
        if identifier == _CODE_PAGE:
            found.page_charset = code_pages.codec(int.from_bytes(value[at : at + 4], "little"))
        at += _FIXED[kind] * values
        return at if at <= len(value) else -1
    if kind not in _VARIABLE:
        return -1
    found.damaged |= values > _MAX_PROPERTIES
    for _ in range(min(values, _MAX_PROPERTIES)):
        if at + 4 > len(value):
            return -1
        size = int.from_bytes(value[at : at + 4], "little")
        at += 4
        if at + size > len(value):
            return -1
        taker(kind, identifier, value[at : at + size])
        at += _padded(size)
    return at


def _of_message(found: Tnef, kind: int, identifier: int, content: bytes) -> None:
    if identifier == _HTML_BODY:
        found.bodies.append(("html", *_text(content, kind)))
    elif identifier in (_PLAIN_BODY, _SUBJECT):
        found.bodies.append(("plain", *_text(content, kind)))
    elif identifier == _RTF_BODY:
        found.bodies.append(("rtf", content, ""))
    elif identifier in _PEOPLE:
        _meet(found, content[:_NAME_LIMIT], _charset(found, kind))


def _of_recipient(found: Tnef, kind: int, identifier: int, content: bytes) -> None:
    if identifier in _RECIPIENTS:
        _meet(found, content[:_NAME_LIMIT], _charset(found, kind))


def _of_file(found: Tnef, attached: Attached, kind: int, identifier: int, content: bytes) -> None:
    if identifier == _DATA_BINARY:
        # An embedded message or OLE object begins with the identifier of its interface (MS-OXTNEF 2.1.3.4.2).
        _hold(found, attached, content[16:] if kind == 0x000D else content)
    elif identifier in _OF_FILES:
        _said_of(attached, identifier, _names(content, _charset(found, kind)), found)


def _said_of(attached: Attached, identifier: int, names: list[str], found: Tnef) -> None:
    """What a file is called, or said to be."""
    if identifier == _MEDIA_TYPE:
        attached.types += [name.partition(";")[0].strip().lower() for name in names]
    elif identifier == _EXTENSION:
        for one in found.attached:
            if one.names is attached.names:
                one.extension = "".join(names[-1:]).lstrip(".")
    else:
        attached.names += [name for name in names if identifier not in _PATHS or not _ADDRESS.match(name)]


def _text(content: bytes, kind: int) -> tuple[bytes, str]:
    """A text without the NUL that ends it, and its charset where that is told by its kind."""
    if kind == 0x001F:
        return content.decode("utf-16-le", "replace").rstrip("\0").encode(), "utf_8"
    return content.rstrip(b"\0") if kind == 0x001E else content, ""


def _padded(size: int) -> int:
    return (size + 3) & ~3
