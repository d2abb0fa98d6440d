"""Values of a PDF written as no program writes them: what lexers may differ in (ISO 32000-1 7.2, 7.3)."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias


class Name(str):
    """A name, without its slash."""


class Text(bytes):
    """A string."""


@dataclass(frozen=True)
class Ref:
    """A reference to an object."""

    number: int


@dataclass
class Keys:
    """A dictionary, in its order; a key may be there twice."""

    pairs: list[tuple[str, "Value"]] = field(default_factory=list)

    def get(self, key: str) -> "Value | None":
        return next((value for one, value in self.pairs if one == key), None)

    def put(self, key: str, *values: "Value") -> "Keys":
        """In the place of what this key had, or at the end."""
        at = next((index for index, (one, _) in enumerate(self.pairs) if one == key), len(self.pairs))
        self.pairs = [pair for pair in self.pairs if pair[0] != key]
        self.pairs[at:at] = [(key, value) for value in values]
        return self


Value: TypeAlias = "Name | Text | Ref | int | bytes | Keys | list[Value]"

_DELIMITERS = b"()<>[]{}/%"
_BLANKS = (b"\n", b"\r\n", b"\r", b"\t", b"\f", b"\0", b"  ", b"\0\0 ", b" \n \n", b" " * 60, b"\0" * 120, b" " * 3_000)
_ODD_BLANKS = (b"\x0b", b"\x85", b"\xa0", b"\x08", b"\x1c", b"\xe2\x80\x83")
_COMMENTS = (
    *(b"%\n", b"%x\r", b"% >>\n", b"%)\n", b"%(\n", b"%<<\r\n", b"% endobj\n", b"%\n%\n", b"%" + b"x" * 400 + b"\n", b"%\0\n"),
    *(b"%\f", b"%%EOF\n", b"% 9 0 obj\n", b"%stream\n", b"%\x85", b" %a\n\t%b\n "),
)
_JUNK = (
    *(b">", b"]", b")", b"}", b"{", b"<>", b"()", b"[]", b"<<>>", b"null", b"true", b"7", b"-", b"R", b"obj", b"/", b"/X", b"0 R"),
    *(b"endobj", b"/X/Y", b"/X(>>)", b"/X(()())", b"/X<3e3e>", b"/X[/Y]", b"/X[", b"/X<<", b"/X(\\", b"xref", b"stream", b"BT",
    b"\xff"),
    *(b"/X(" + b"x" * 400 + b")", b"/X[" + b"0 " * 300 + b"]", b"/X<<" + b"/Y 0" * 200 + b">>", b"/X" + b"[" * 30 + b"]" * 30),
    *(b"/X(" + b"x" * 17_000 + b")", b"/X[" + b"<</Y 0>>" * 2_500 + b"]", b"/X<" + b"20" * 9_000 + b">",
    b"/X" + b"<</Y" * 60 + b" 0" + b">>" * 60),
    *(b"/X[" + b"(y)" * 6_000 + b"]", b"/" + b"X" * 300 + b" 0", b"/" + b"X" * 20_000 + b" 0",
    b"/X<<" + b"/Y<</Z 0>>" * 1_900 + b">>"),
)  # fmt: skip
_NUMBERS: tuple[Callable[[int], str], ...] = (
    *("+{}".format, "0{}".format, "{}.0".format, "{}.".format, "-{}".format, "--{}".format, "++{}".format, "{}.9".format),
    *("0000000000{}".format, "{}e0".format, "{}x".format, "0x{:x}".format, "{}-1".format, "4294967296{}".format, "+-{}".format),
    *("{}..0".format, "00000000000000000000{}".format, lambda number: str(number + (1 << 32)), lambda number: f"{number}_"),
)
_GENERATIONS = ("1", "00", "00000", "65535", "65536", "-0", "+0", "0.0", "-1", "0.", "99999999999", "00000000000", "0 0", "")
_ENDS = ("r", "RR", "Rx", "R0", "obj", "R%\n", "\0R", "R.", "", "R>", "R]")

PEN_WAYS = (
    *("blanks", "odd-blanks", "comments", "no-blanks", "hex-names", "bad-hex", "names-case", "hex-texts", "octal", "escapes"),
    *("utf16", "open-texts", "numbers", "references", "junk", "key-order", "key-twice", "key-alone", "unclosed", "overclosed"),
)


class Pen:
    """Writes values in some of these ways, each where a number drawn says so."""

    def __init__(self, chance: random.Random, ways: set[str]) -> None:
        self._chance = chance
        self._ways = ways
        self._rate = chance.choice((0.05, 0.15, 0.4, 1.0))

    def _does(self, way: str) -> bool:
        return way in self._ways and self._chance.random() < self._rate

    def write(self, value: Value) -> bytes:
        """As octets."""
        out = bytearray()
        for token in self._tokens(value):
            out += self.gap(bytes(out[-1:]), token) + token
        return bytes(out)

    def gap(self, last: bytes, token: bytes) -> bytes:
        """What stands between two tokens."""
        needed = last and token and last not in b"()<>[]" and token[:1] not in _DELIMITERS
        between = b""
        if self._does("blanks"):
            between += self._chance.choice(_BLANKS)
        if self._does("odd-blanks"):
            between += self._chance.choice(_ODD_BLANKS)
        if self._does("comments"):
            between += self._chance.choice(_COMMENTS)
        return between or (b" " if needed and not self._does("no-blanks") else b"")

    def _tokens(self, value: Value) -> list[bytes]:
        match value:
            case Keys():
                return self._dictionary(value)
            case list():
                return [b"[", *(token for one in value for token in self._tokens(one)), *self._closing(b"]")]
            case Ref():
                return self._reference(value)
            case Name():
                return [self._name(value)]
            case Text():
                return [self._text(value)]
            case int():
                return [self.number(value)]
        assert isinstance(value, bytes)
        return [value]

    def _dictionary(self, value: Keys) -> list[bytes]:
        pairs = list(value.pairs)
        if self._does("key-order"):
            self._chance.shuffle(pairs)
        out = [b"<<"]
        for key, one in pairs:
            mine = [self._name(key), *self._tokens(one)]
            if self._does("key-twice"):
                other = [self._name(key), self._chance.choice((b"null", b"0", b"()", b"/X", b"<<>>", b"[]", b"9 0 R", b"(a.txt)"))]
                mine = other + mine if self._chance.random() < 0.5 else mine + other
            if self._does("junk"):
                mine = [self._chance.choice(_JUNK), *mine]
            if self._does("key-alone"):
                mine = [self._name(key), *mine]
            out += mine
        if self._does("junk"):
            out.append(self._chance.choice(_JUNK))
        return [*out, *self._closing(b">>")]

    def _closing(self, mark: bytes) -> list[bytes]:
        if self._does("unclosed"):
            return [self._chance.choice((b"", b">", b"]", b"endobj"))]
        return [mark, self._chance.choice((b">>", b"]", b")", b">", b"}"))] if self._does("overclosed") else [mark]

    def _reference(self, value: Ref) -> list[bytes]:
        number, generation, end = b"%d" % value.number, b"0", b"R"
        if self._does("references"):
            match self._chance.randrange(3):
                case 0:
                    number = self._chance.choice(_NUMBERS)(value.number).encode()
                case 1:
                    generation = self._chance.choice(_GENERATIONS).encode()
                case _:
                    end = self._chance.choice(_ENDS).encode()
        return [number, generation, end]

    def number(self, value: int) -> bytes:
        """A number that is no reference."""
        return (self._chance.choice(_NUMBERS)(value) if self._does("numbers") else str(value)).encode()

    def _name(self, value: str) -> bytes:
        octets = value.encode("latin-1")
        if self._does("names-case"):
            octets = self._chance.choice((octets.lower(), octets.upper(), octets.swapcase()))
        if self._does("hex-names"):
            form = self._chance.choice((b"#%02x", b"#%02X"))
            octets = b"".join(form % one if self._chance.random() < 0.4 else b"%c" % one for one in octets)
        if self._does("bad-hex"):
            at = self._chance.randint(0, len(octets))
            octets = (
                octets[:at] + self._chance.choice((b"#", b"#4", b"#g6", b"#00", b"#20", b"##", b"#2F", b"#0", b"#-1")) + octets[at:]
            )
        return b"/" + octets

    def _text(self, value: bytes) -> bytes:
        chance = self._chance
        if self._does("utf16"):
            marks = (
                (b"\xfe\xff", "utf-16-be"),
                (b"\xff\xfe", "utf-16-le"),
                (b"\xef\xbb\xbf", "utf-8"),
                (b"\xfe\xff\0\x1ben\0\x1b", "utf-16-be"),
            )
            mark, coding = chance.choice(marks)
            value = mark + value.decode("latin-1").encode(coding)
        if self._does("hex-texts"):
            digits = [b"%02x" % one if chance.random() < 0.5 else b"%02X" % one for one in value]
            between = (b"", b"", b" ", b"\n", b"\0", b"%", b"x", b"(", b"<", b"/", b"g", b"\xff")
            octets = b"".join(one + (chance.choice(between) if chance.random() < self._rate / 4 else b"") for one in digits)
            return b"<" + octets + chance.choice((b"", b"", b"0", b" ", b"<")) + chance.choice((b">", b">", b">>", b""))
        out = bytearray()
        for one in value:
            if self._does("octal"):
                out += chance.choice((b"\\%03o" % one, b"\\%o" % one, b"\\%o" % (one + 256)))
            elif self._does("escapes"):
                out += chance.choice((b"\\\n", b"\\\r\n", b"\\\r", b"\\", b"\\0\\b", b"\\8")) + b"%c" % one
            else:
                out += b"\\%c" % one if one in b"()\\" else b"%c" % one
        end = chance.choice((b"", b"))", b"\\)", b"(", b"()")) if self._does("open-texts") else b")"
        return b"(" + bytes(out) + end
