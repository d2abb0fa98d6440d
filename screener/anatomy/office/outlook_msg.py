"""Outlook's .msg (MS-OXMSG): the files attached to it and to the messages in it, and its texts.

A message in a message lies in storages below its own; what is attached there is listed with the rest. Promises: bounded by the
ledger, never raises.
"""

from collections.abc import Iterator

from screener.anatomy import charsets
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Member, held
from screener.anatomy.office.compound import Compound, Entry

_PREFIX = "__substg1.0_"  # then four hex digits of the property and four of its kind (2.1.2.1.1)
_ATTACHED = "__attach_version1.0_"
_NAMES = ("3707", "3704", "3001")  # long, short, display name (MS-OXPROPS)
_EXTENSION = "3703"
_DATA, _RTF, _SUBJECT = "3701", "1009", "0037"
_BODIES = ("1000", "1013")  # plain, HTML
_NAME_LIMIT = 4096


def members(compound: Compound, ledger: Ledger, place: str) -> Iterator[Member]:
    """Every attached file of every message in it; each message's text as a file without a name."""
    storages: dict[tuple[str, ...], dict[str, Entry]] = {}
    for entry in compound.entries:
        if entry.is_stream and entry.name.lower().startswith(_PREFIX):  # names are compared without case (MS-CFB 2.6.4)
            storages.setdefault(tuple(map(str.lower, entry.path[:-1])), {}).setdefault(entry.name[len(_PREFIX) :].upper(), entry)
    for path, properties in storages.items():
        if path and path[-1].startswith(_ATTACHED):
            found = [_attached(compound, properties, ledger, place)]
        elif not path or path[-1].startswith(_PREFIX):
            found = list(_texts(compound, properties, ledger, place))
        else:
            continue
        for member in found:
            if not ledger.spend_member(place):
                return
            yield member


def _attached(compound: Compound, properties: dict[str, Entry], ledger: Ledger, place: str) -> Member:
    names = [_text(compound, entry) for key in _NAMES for entry in _of(properties, key)]
    for entry in _of(properties, _EXTENSION)[:1]:
        ending = _text(compound, entry).lower().lstrip(".")
        if ending and not any(name.lower().endswith(f".{ending}") for name in names):
            names.append(f"{names[0] if names else 'attachment'}.{ending}")
    data = properties.get(f"{_DATA}0102")
    if data is None:  # a message or object in storages of its own: its name counts, what is in it is listed by itself
        return held(names, b"")
    content = compound.read(data, max(0, ledger.unpacked_left))
    ledger.spend_unpacked(len(content), place)
    return held(names, content)


def _texts(compound: Compound, properties: dict[str, Entry], ledger: Ledger, place: str) -> Iterator[Member]:
    limit = ledger.budget.text_octets
    subject = "".join(_text(compound, entry) for entry in _of(properties, _SUBJECT)[:1])
    for key in _BODIES:
        for entry in _of(properties, key):
            content = compound.read(entry, limit)
            if entry.name.upper().endswith("001F"):
                content = content.decode("utf-16-le", "replace").encode()
            if content:
                yield held((), content)
    if subject:
        yield held((), subject.encode("utf-8", "replace"))
    for entry in _of(properties, _RTF):
        if content := ledger.unpack_rtf(compound.read(entry, limit), place):
            yield held((), content)


def _of(properties: dict[str, Entry], key: str) -> list[Entry]:
    """A property as text in UTF-16, in the code page, and as octets."""
    return [properties[key + kind] for kind in ("001F", "001E", "0102") if key + kind in properties]


def _text(compound: Compound, entry: Entry) -> str:
    octets = compound.read(entry, _NAME_LIMIT)
    if entry.name.upper().endswith("001F"):
        return octets.decode("utf-16-le", "replace").rstrip("\0")
    return charsets.text(octets.rstrip(b"\0"), "cp1252")
