"""Outlook's .msg (MS-OXMSG): the files attached to it and to the messages in it, its texts, and who it is from and to.

A message in a message lies in storages below its own; what is attached there is listed with the rest. Promises: bounded by the
ledger, never raises.
"""

import re
from collections.abc import Iterator, Mapping
from operator import attrgetter

from screener.anatomy import charset_names, charsets
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Member, held
from screener.anatomy.office import code_pages
from screener.anatomy.office.compound import Compound, Entry

_PREFIX = "__substg1.0_"  # then four hex digits of the property and four of its kind (2.1.2.1.1)
_ATTACHED = "__attach_version1.0_"
_RECIPIENT = "__recip_version1.0_"
_NAMES = ("3707", "3704", "3001")  # long, short, display name (MS-OXPROPS)
_PATHS = ("370D", "3708")  # of a file that is attached by naming it, …
_ADDRESS = re.compile(r"https?:", re.IGNORECASE)  # … or of one in the web, where a name says nothing
_EXTENSION, _MEDIA_TYPE = "3703", "370E"
_DATA, _RTF = "3701", "1009"
_SUBJECTS = ("0037", "0E1D", "0070")  # whole, without "Re:", of the conversation
# Sender and on whose behalf, with what may be no address of SMTP and with that; To, Cc, Bcc, as displayed.
_PEOPLE = ("0C1A", "0C1F", "5D01", "0042", "0065", "5D02", "0E04", "0E03", "0E02")
_RECIPIENTS = ("3001", "39FE", "3003")  # a name, an address of SMTP, any address
_BODIES = {"1000": "text/plain", "1013": "text/html"}
_NAME_LIMIT = 4096
_PROPERTIES = "__properties_version1.0"
# The number of the code page of texts that are not UTF-16: of a message, or of what it was sent in (MS-OXPROPS 2.775, 2.745).
_CODE_PAGE = re.compile(rb"\x03\x00([\xfd\xde])\x3f(?s:....)(?s:(..))\x00\x00")
_WESTERN = ("cp1252", "cp1252")
Path = tuple[str, ...]


def members(compound: Compound, ledger: Ledger, place: str) -> Iterator[Member]:
    """Every attached file of every message in it; each message's text as a file without a name."""
    storages: dict[Path, dict[str, Entry]] = {}
    codecs: dict[Path, tuple[str, str]] = {}
    for entry in sorted(compound.entries, key=attrgetter("is_lost")):
        path = tuple(map(str.lower, entry.path))  # names are compared without case (MS-CFB 2.6.4)
        if entry.is_stream and path[-1].startswith(_PREFIX):
            properties = storages.setdefault(path[:-1], {})
            other = properties.setdefault(path[-1][len(_PREFIX) :].upper(), entry)
            if other is not entry and not entry.is_lost:
                ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
        elif entry.is_stream and path[-1] == _PROPERTIES:
            codecs.setdefault(path[:-1], _codecs(compound.read(entry, _NAME_LIMIT)))
    people = _recipients(compound, storages, codecs, ledger)
    for path, properties in storages.items():
        if path and path[-1].startswith(_ATTACHED):
            found = [_attached(compound, properties, codecs.get(path[:-1], _WESTERN)[0], ledger, place)]
        elif not path or path[-1].startswith(_PREFIX) or (path in codecs and not path[-1].startswith(_RECIPIENT)):
            found = list(_texts(compound, properties, codecs.get(path, _WESTERN), people.get(path, []), ledger, place))
        else:
            continue
        for member in found:
            if not ledger.spend_member(place):
                return
            yield member


def _recipients(
    compound: Compound, storages: Mapping[Path, Mapping[str, Entry]], codecs: Mapping[Path, tuple[str, str]], ledger: Ledger
) -> dict[Path, list[str]]:
    """Names and addresses of recipients, by the message they belong to: no more than is read for words."""
    found: dict[Path, list[str]] = {}
    left = ledger.budget.text_octets
    for path, properties in storages.items():
        if path and path[-1].startswith(_RECIPIENT):
            for entry in (entry for key in _RECIPIENTS for entry in _of(properties, key)):
                if left <= 0:
                    return found
                text = _text(compound, entry, codecs.get(path[:-1], _WESTERN)[0])
                left -= len(text) + 1
                found.setdefault(path[:-1], []).append(text)
    return found


def _codecs(properties: bytes) -> tuple[str, str]:
    """The charset of texts that are not UTF-16, and that of the page."""
    found = {match[1]: int.from_bytes(match[2], "little") for match in _CODE_PAGE.finditer(properties)}
    page = found.get(b"\xde", 0)
    return code_pages.codec(found.get(b"\xfd", page)), code_pages.codec(page)


def _attached(compound: Compound, properties: dict[str, Entry], codec: str, ledger: Ledger, place: str) -> Member:
    names = [_text(compound, entry, codec) for key in _NAMES for entry in _of(properties, key)]
    for entry in _of(properties, _EXTENSION)[:1]:
        ending = _text(compound, entry, codec).lower().lstrip(".")
        if ending and not any(name.lower().endswith(f".{ending}") for name in names):
            names.append(f"{names[0] if names else 'attachment'}.{ending}")
    paths = [_text(compound, entry, codec) for key in _PATHS for entry in _of(properties, key)]
    names += [path for path in paths if not _ADDRESS.match(path)]
    types = tuple(_text(compound, entry, codec).partition(";")[0].strip().lower() for entry in _of(properties, _MEDIA_TYPE))
    data = properties.get(f"{_DATA}0102")
    if data is None:  # a message or object in storages of its own: its name counts, what is in it is listed by itself
        return held(names, b"", types)
    content = compound.read(data, max(0, ledger.unpacked_left))
    ledger.spend_unpacked(len(content), place)
    return held(names, content, types)


def _texts(
    compound: Compound, properties: Mapping[str, Entry], codecs: tuple[str, str], people: list[str], ledger: Ledger, place: str
) -> Iterator[Member]:
    codec = codecs[0]
    subjects = [_text(compound, entry, codec) for key in _SUBJECTS for entry in _of(properties, key)[:1]]
    for (key, kind), said in zip(_BODIES.items(), codecs, strict=True):
        for entry in _of(properties, key):
            content = _body(compound, entry, ledger, place)
            is_wide = entry.name.upper().endswith("001F")
            if is_wide:
                content = content.decode("utf-16-le", "replace").encode()
            is_plain = is_wide or charset_names.seven_bit_means_ascii(said)  # it shows by itself what it is
            if content:
                yield held((), content) if is_plain else held((), content, (kind,), (said,))
    shown = [*subjects, *(_text(compound, entry, codec) for key in _PEOPLE for entry in _of(properties, key)), *people]
    if shown:
        yield held((), "\n".join(dict.fromkeys(shown)).encode("utf-8", "replace"))
    for entry in _of(properties, _RTF):
        if content := ledger.unpack_rtf(_body(compound, entry, ledger, place), place):
            yield held((), content)


def _body(compound: Compound, entry: Entry, ledger: Ledger, place: str) -> bytes:
    """As much of a body as is read for words."""
    if entry.size > ledger.budget.text_octets:
        ledger.note(Defect.TEXT_TRUNCATED, place, Limit.TEXT)
    return compound.read(entry, ledger.budget.text_octets)


def _of(properties: Mapping[str, Entry], key: str) -> list[Entry]:
    """A property as text in UTF-16, in the code page, and as octets."""
    return [properties[key + kind] for kind in ("001F", "001E", "0102") if key + kind in properties]


def _text(compound: Compound, entry: Entry, codec: str) -> str:
    octets = compound.read(entry, _NAME_LIMIT)
    if entry.name.upper().endswith("001F"):
        return octets.decode("utf-16-le", "replace").rstrip("\0")
    return charsets.text(octets.rstrip(b"\0"), codec)
