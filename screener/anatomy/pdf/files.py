"""What the files in a PDF are called: file specifications (ISO 32000-1 7.11) and the tree of names (7.9.6).

Promises: linear in what it reads but for what it spends on names, which is bounded; never raises. It finds too many names rather
than too few: they are looked for around every /EF, also as if what people read were not there, in which anything may stand.
"""

import re
from dataclasses import dataclass, field

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf.streams import string

_REFERENCE = re.compile(rb"([0-9]{1,10})\s{1,99}[0-9]{1,5}\s{1,99}R")
_FILES = re.compile(
    rb"/EF(?:\s{0,99}<<((?>(?:[^<>]{1,500}|<[^<>]{0,500}>){0,20}))|\s{1,99}([0-9]{1,10})\s{1,99}[0-9]{1,5}\s{1,99}R)"
)
_NAME_KEY = re.compile(rb"/(?:(?:UF|F|Unix|DOS|Mac)|(Desc))\s{0,99}(?:(?=[(<])|([0-9]{1,10})\s{1,99}[0-9]{1,5}\s{1,99}R)")
_OBJECT = re.compile(rb"([0-9]{1,10})\s{1,99}[0-9]{1,5}\s{1,99}obj\b\s{0,99}")
_KEY = re.compile(rb"(\((?>(?:[^\\()]+|\\(?s:.))*)\)|<[0-9A-Fa-f\s]*+>)\s{0,99}([0-9]{1,10})\s{1,99}[0-9]{1,5}\s{1,99}R")
_PAREN = re.compile(rb"\\(?s:.)|[()]|%[^\r\n]*+")
_AROUND = 16_384  # octets of an object in which its keys are looked for
_LONG = 300  # octets of a string that are not looked past
_LIST = re.compile(rb"\[[^\[\]()]{300,}+\]")  # one that is as long
_COST = 16  # octets looked at for keys that cost as much as one of a name
_DICTIONARY = 500  # octets of one that is an object of its own
_NAME_OCTETS = 128 * 1024  # octets of all strings that may be files' names
_MAX_FILES = 1_000


@dataclass(slots=True)
class Called:
    """The names of each stream by its number, and all that were found."""

    names: dict[bytes, dict[str, None]] = field(default_factory=dict)
    every: dict[str, None] = field(default_factory=dict)
    left: int = _NAME_OCTETS


@dataclass(slots=True)
class _View:
    """A text, where its objects begin by number, and the keys of its trees of names by the number of what they lead to."""

    text: bytes
    objects: dict[bytes, list[int]] = field(default_factory=dict)
    keys: dict[bytes, list[int]] | None = None

    def __post_init__(self) -> None:
        for one in _OBJECT.finditer(self.text):
            self.objects.setdefault(one[1].lstrip(b"0"), []).append(one.end())

    def keys_of(self, number: bytes) -> list[int]:
        """Where the keys stand that lead to an object."""
        if self.keys is None:
            self.keys = {}
            for key in _KEY.finditer(self.text):
                self.keys.setdefault(key[2].lstrip(b"0"), []).append(key.start())
        return self.keys.get(number, [])


def called(text: bytes, plain: bytes, ledger: Ledger, place: str) -> Called:
    """What files are called in a PDF's text, as it stands and with names' escapes undone."""
    found = Called()
    for view in map(_View, dict.fromkeys((text, plain, _shortened(plain)))):
        for count, match in enumerate(_FILES.finditer(view.text)):
            around = _around(view, match, found)
            begins = _at(view, match[2], found)
            dictionaries = [match[1] or b"", *(view.text[at : at + _DICTIONARY].partition(b">>")[0] for at in begins)]
            if count >= _MAX_FILES or found.left <= 0:
                ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
                break
            found.every |= around
            for reference in (one for octets in dictionaries for one in _REFERENCE.finditer(octets)):
                found.names.setdefault(reference[1].lstrip(b"0"), {}).update(around)
    return found


def _around(view: _View, match: re.Match[bytes], found: Called) -> dict[str, None]:
    """The names in the dictionary in which an /EF stands; without any that in the tree of names, or what describes it."""
    text = view.text
    low = max(0, match.start() - _AROUND)
    start = max(text.rfind(b"obj", low, match.start()), low)
    end = text.find(b"endobj", match.end(), match.end() + _AROUND)
    names: dict[str, None] = {}
    described: dict[str, None] = {}  # what a file is for; readers show it for a name where there is none
    end = end if end > 0 else match.end() + _AROUND
    found.left -= (end - start) // _COST
    for key in _NAME_KEY.finditer(text, start, end):
        for at in [key.end()] if key[2] is None else _at(view, key[2], found):
            if text[at : at + 1] in (b"(", b"<") and text[at : at + 2] != b"<<":
                (described if key[1] else names).setdefault(_name(text, at, found))
    own = list(_OBJECT.finditer(text, max(0, start - 20), match.start()))
    if not any(names) and own:
        names = {_name(text, at, found): None for at in view.keys_of(own[-1][1].lstrip(b"0"))}
    return {name: None for name in (names if any(names) else described) if name}


def _at(view: _View, number: bytes | None, found: Called) -> list[int]:
    """Where an object of this number begins, every time."""
    begins = [] if number is None or found.left <= 0 else view.objects.get(number.lstrip(b"0"), [])
    found.left -= len(begins)
    return begins


def _name(text: bytes, at: int, found: Called) -> str:
    if found.left <= 0:
        return ""
    name, length = string(text, at)
    found.left -= length
    return name


def _shortened(view: bytes) -> bytes:
    """Without the lists and strings that are long, or in which an object seems to begin or to end."""
    if b"/EF" not in view:
        return view
    out: list[bytes] = []
    at = start = depth = 0
    for paren in _PAREN.finditer(view):
        if paren[0] == b"(":
            start = start if depth else paren.start()
            depth += 1
        elif paren[0] == b")" and depth:
            depth -= 1
            if depth == 0 and (paren.end() - start > _LONG or b"obj" in view[start : paren.end()]):
                out += (view[at:start], b"()")
                at = paren.end()
    out.append(view[at:])
    return _LIST.sub(b"[]", b"".join(out))
