"""Where the objects of a PDF stand in its text, and what was found to be the names of its files."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from screener.anatomy.pdf import written
from screener.anatomy.pdf.written import OBJECT, REFERENCE
from screener.anatomy.repeated import repeated

_OBJECT = re.compile(OBJECT + rb"\s{0,99}")
_LETTERS = rb"[^\\()]++|\\(?s:.)"
_IN_PARENS = rb"\(" + repeated(_LETTERS + rb"|\(" + repeated(_LETTERS) + rb"\)") + rb"\)"
_KEY = re.compile(rb"\\(?s:.)|(\(" + repeated(_LETTERS + b"|" + _IN_PARENS) + rb"\)|<[0-9A-Fa-f\s]*+>)\s{0,99}" + REFERENCE)
MAX_KEYS = 1_000  # of trees of names, that lead to one object
_LED = re.compile(rb"obj\s{0,99}" + REFERENCE)
NAME_OCTETS = 128 * 1024  # octets of all strings that may be files' names; where the file has more, so many as that


@dataclass(slots=True)
class Called:
    """The names of each stream by its number, and all that were found; whether anything leads to any, or may."""

    names: dict[bytes, dict[str, None]] = field(default_factory=dict)
    every: dict[str, None] = field(default_factory=dict)
    left: int = NAME_OCTETS
    is_any: bool = False
    is_doubtful: bool = False
    is_odd: bool = False  # a name is written as no program writes it


@dataclass(slots=True)
class View:
    """A text, where its objects begin by number, and the keys of its trees of names by the number of what they lead to."""

    text: bytes
    objects: dict[bytes, list[int]] = field(default_factory=dict)
    begins: list[int] = field(default_factory=list)
    numbers: list[bytes] = field(default_factory=list)
    keys: dict[bytes, list[re.Match[bytes]]] | None = None
    led: dict[bytes, set[bytes] | None] = field(default_factory=dict)  # to what references of /EF lead
    files: dict[tuple[bytes, int], set[bytes]] = field(default_factory=dict)  # the same, of a file's; and how many more may follow
    called: dict[bytes, list[str | None]] = field(default_factory=dict)  # names in the trees, by the number they lead to
    plain: dict[int, dict[str, None]] = field(default_factory=dict)  # names, by where an object begins
    aliases: set[bytes] = field(default_factory=set)  # objects to which others are but references
    named: dict[int, bool] = field(default_factory=dict)  # whether anything is a file's name, by where an object begins
    is_odd: bool = False  # readers may differ in what number an object has

    def __post_init__(self) -> None:
        for one in _OBJECT.finditer(self.text):
            self.is_odd = self.is_odd or written.goes_on(self.text, one.start())
            number = one[1].lstrip(b"0")
            self.objects.setdefault(number, []).append(one.end())
            self.begins.append(one.end())
            self.numbers.append(number)
        self.aliases = {one[1].lstrip(b"0") for one in _LED.finditer(self.text)}

    def around(self, at: int) -> tuple[int, bytes | None]:
        """Where the object begins in which this stands, and its number, None without."""
        last = bisect_right(self.begins, at) - 1
        return (self.begins[last], self.numbers[last]) if last >= 0 else (0, None)

    def bounds(self, at: int) -> tuple[int, int]:
        """Where the object begins in which this stands, and the next one does."""
        last = bisect_right(self.begins, at)
        return self.begins[last - 1] if last else 0, self.begins[last] if last < len(self.begins) else len(self.text)

    def keys_of(self, number: bytes) -> list[re.Match[bytes]]:
        """The keys that lead to an object, at most MAX_KEYS."""
        if self.keys is None:
            self.keys = {}
            for key in (one for one in _KEY.finditer(self.text) if one[1] is not None):
                led = self.keys.setdefault(key[2].lstrip(b"0"), [])
                if len(led) < MAX_KEYS:
                    led.append(key)
        return self.keys.get(number, [])

    def at(self, number: bytes | None, found: Called) -> list[int]:
        """Where an object of this number begins, every time."""
        begins = [] if number is None or found.left <= 0 else self.objects.get(number.lstrip(b"0"), [])
        found.left -= len(begins)
        return begins
