"""Objects in RTF (RTF 1.9.1 \\object, \\objdata; MS-OLEDS 2.2): their names and octets, and what else in it acts.

Word reads the hexadecimal digits of an object however they are strewn among blanks, groups and other control words, so this reader
does, too. Promises: linear, bounded by MAX_TOKENS, never raises.
"""

import re
from collections.abc import Iterator

from screener.anatomy import charsets, ole
from screener.anatomy.active import Active
from screener.anatomy.compound import SIGNATURE
from screener.anatomy.defects import Defect
from screener.anatomy.forward import Next
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held

MAX_TOKENS = 200_000  # pieces of all objects' data together; …
_STEPS = 2  # … each costs as much as that many octets unpacked one by one
_OBJECT = re.compile(rb"\\objdata(?![a-z])", re.IGNORECASE)
_TOKEN = re.compile(
    rb"(?P<digits>[0-9A-Fa-f\s\0]+)|\\bin(?P<raw>[0-9]{1,9}) ?|(?P<open>\{)|(?P<close>\})|"
    rb"\\'(?:[0-9A-Fa-f]{2})?|\\[A-Za-z]+-?[0-9]* ?|\\(?s:.)|[^\\{}0-9A-Fa-f\s\0]+|\\"
)
_BLANKS = b" \t\r\n\x0b\x0c\0"
_TEMPLATE = re.compile(rb"\\\*\s{0,99}+\\template\s", re.IGNORECASE)
_ELSEWHERE = re.compile(rb"https?:|ftp:|file:|\\\\\\\\", re.IGNORECASE)
_BRACE = re.compile(rb"[{}]")
_ADDRESS = 200  # octets behind the word in which an address begins
_INSTRUCTION = re.compile(rb"\\fldinst(?:[^A-Za-z\\]{0,99}+\\[a-z0-9*]{1,32}+){0,12}+[^A-Za-z\\]{0,99}+DDE", re.IGNORECASE)


def read(octets: bytes, _names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """The objects of an RTF."""
    members: list[Member] = []
    active: dict[Active, None] = {}
    tokens = min(MAX_TOKENS, ledger.steps_left // _STEPS)
    behind = 0
    for match in _OBJECT.finditer(octets):
        if match.start() < behind:
            continue
        active.setdefault(Active.OBJECT)
        left = tokens
        data, behind, tokens = _data(octets, match.end(), left)
        ledger.spend_steps((left - tokens) * _STEPS, place)
        if tokens <= 0:
            ledger.note(Defect.CONTAINER_DAMAGED, place)
            break
        for member in _members(data):
            ledger.spend_unpacked(member.size, place)
            if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
                return Listing(tuple(members), active=tuple(active))
            members.append(member)
    if _has_template(octets):
        active.setdefault(Active.TEMPLATE)
    if _INSTRUCTION.search(octets) is not None:
        active.setdefault(Active.DDE)
    if b"\\objautlink" in octets or b"\\objupdate" in octets:
        active.setdefault(Active.LINKED_OBJECT)
    return Listing(tuple(members), active=tuple(active))


def _has_template(octets: bytes) -> bool:
    """Whether a template is named that lies elsewhere."""
    elsewhere, brace = Next(_ELSEWHERE, octets), Next(_BRACE, octets)
    for word in _TEMPLATE.finditer(octets):
        if elsewhere.after(word.end()) < min(brace.after(word.end()), word.end() + _ADDRESS):
            return True
    return False


def _data(octets: bytes, at: int, tokens: int) -> tuple[bytes, int, int]:
    """An object's octets, where its group ends, and how many tokens are left."""
    pieces: list[bytes] = []  # digits
    done: list[bytes] = []  # octets
    depth = 0
    while tokens > 0 and (token := _TOKEN.match(octets, at)) is not None:
        tokens -= 1
        at = token.end()
        if (digits := token["digits"]) is not None:
            pieces.append(digits.translate(None, _BLANKS))
        elif (raw := token["raw"]) is not None:
            done.append(_octets(pieces))
            pieces.clear()
            size = int(raw)
            done.append(octets[at : at + size])
            at += size
        elif token["open"] is not None:
            depth += 1
        elif token["close"] is not None:
            depth -= 1
            if depth < 0:
                break
    done.append(_octets(pieces))
    return b"".join(done), at, tokens


def _octets(digits: list[bytes]) -> bytes:
    joined = b"".join(digits)
    return bytes.fromhex(joined[: len(joined) // 2 * 2].decode("ascii"))


def _members(data: bytes) -> Iterator[Member]:
    """What an object holds: a package's file, a compound file, or what there is."""
    read = _embedded(data)
    if read is not None:
        class_name, body = read
        if class_name.lower() == "package":
            names, content = ole.native(body)
            yield held(names, content)
            return
        if body.startswith(SIGNATURE):
            yield held((), body)
            return
    at = data.find(SIGNATURE)
    if at < 0:
        # Shifted by half an octet, by a digit that stands before it.
        shifted = bytes.fromhex(data.hex()[1:-1]) if data else b""
        at = shifted.find(SIGNATURE)
        data = shifted if at >= 0 else data
    if at >= 0:
        yield held((), data[at:])
    elif data:
        yield held((), data)


def _embedded(data: bytes) -> tuple[str, bytes] | None:
    """Class and native data of an embedded object (MS-OLEDS 2.2.5)."""
    if len(data) < 12 or int.from_bytes(data[4:8], "little") not in (1, 2):
        return None
    at = 8
    class_name = ""
    for number in range(3):
        size = int.from_bytes(data[at : at + 4], "little")
        at += 4
        if size > 1024 or at + size > len(data):
            return None
        if number == 0:
            class_name = charsets.text(data[at : at + size].rstrip(b"\0"), "cp1252")
        at += size
    size = int.from_bytes(data[at : at + 4], "little")
    return class_name, data[at + 4 : at + 4 + size]
