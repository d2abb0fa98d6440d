"""PDFs with a word on a page, or where else readers show some, drawn at random in many ways; known by their number."""

import base64
import random
import re
import zlib
from dataclasses import dataclass

from fakes.pdfs.drawn_around import Around
from fakes.pdfs.lettering import FONTS, Add, plain, stream

WAYS = (
    "pieces",
    "matrix",
    "font",
    "hidden",
    "syntax",
    "setting",
    "within",
    "contents",
    "packed",
    "resources",
    "images",
    "marked",
    "elsewhere",
)
_LEADS = re.compile(rb"(?<![0-9])([0-9]+)(?:\.0)?(?:\s|\0|%x\n)+[+-]?[0-9]+(?:\.0)?[\s\0]*[Rr]")


@dataclass(frozen=True)
class Drawn:
    """A PDF: its octets, the word, in which ways it was drawn."""

    octets: bytes
    word: str
    ways: tuple[str, ...]


def drawn(number: int, only: tuple[str, ...] = ()) -> Drawn:
    """The one of this number; `only`: of these ways."""
    chance = random.Random(f"drawn {number} {only}")
    ways = set(only or chance.sample(WAYS, chance.choice((1, 1, 2, 2, 3))))
    return _Document(chance, ways).drawn()


class _Document(Around):
    """The whole."""

    def drawn(self) -> Drawn:
        """The whole."""
        chance = self._chance
        kind = chance.choice(FONTS) if self._does("font") else plain
        font = kind(chance, self.add)
        self._tell(font.kind)
        self._fonts[b"F1"] = font
        self._fonts[b"F2"] = plain(chance, self.add)
        text = b"" if self._does("elsewhere") and chance.random() < 0.8 else self._text(font)
        if self._does("elsewhere"):
            self._elsewhere()
        content = self._around(text)
        if self._does("syntax"):
            content = self._odd(content)
        if self._does("within"):
            content = self._within(content)
        octets = self._document(content)
        return Drawn(octets, self._word, tuple(self._told))

    def _within(self, content: bytes) -> bytes:
        """In a form, or in what else is drawn."""
        chance = self._chance
        fonts = self._resources()
        box, pattern = b"/BBox[0 0 612 792]", b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/XStep 612/YStep 792"
        name, keys, call = chance.choice((
            ("form", b"/Type/XObject/Subtype/Form" + box, b"/X1 Do"),
            ("form", b"/Subtype/Form" + box + b"/Matrix[1 0 0 1 0 0]", b"q /X1 Do Q"),
            ("untyped", box, b"/X1 Do"),
            ("no box", b"/Subtype/Form", b"/X1 Do"),
            ("pattern", pattern + box, b"/Pattern cs /X1 scn 0 0 612 792 re f"),
            ("PS", b"/Subtype/Form/Subtype2/PS" + box, b"/X1 Do"),
            ("other case", b"/Type/XObject/Subtype/form" + box, b"/X1 Do"),
            ("elsewhere", b"/Subtype %d 0 R" % self.add(b"/Form") + box, b"/X1 Do"),
        ))  # fmt: skip
        has = chance.choice((True, True, False))
        self._tell(f"{name}, {'own' if has else 'no'} resources")
        form = self.add(stream(keys + (b"/Resources<<%b>>" % fonts if has else b""), content))
        for _ in range(chance.choice((0, 0, 1, 3))):
            if name != "pattern":
                form = self.add(
                    stream(
                        b"/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</X1 %d 0 R>>%b>>" % (form, b"" if has else fonts),
                        b"q /X1 Do Q",
                    )
                )
        self._more += b"/%b<</X1 %d 0 R>>" % (b"Pattern" if name == "pattern" else b"XObject", form)
        return call

    def _resources(self) -> bytes:
        names = b"".join(b"/%b %d 0 R" % (name, font.number) for name, font in self._fonts.items())
        return b"/Font<<%b>>" % names + self._more

    def _document(self, content: bytes) -> bytes:
        chance = random.Random(f"{self._told} {self._seed}")
        objects = dict(self._objects)
        resources = self._resources()

        def add(body: bytes) -> int:
            objects[number := max([*objects, 10]) + 1] = body
            return number

        parent = b""
        held = b"/Resources<<%b>>" % resources
        if self._does("resources"):
            kind = chance.choice(
                ("inherited", "reference", "chain", "missing", "fonts apart", "inherited reference", "odd", "twice", "empty own")
            )
            self._told = [*dict.fromkeys((*self._told, kind))]
            match kind:
                case "inherited":
                    parent, held = held, b""
                case "reference":
                    held = b"/Resources %d 0 R" % add(b"<<%b>>" % resources)
                case "chain":
                    held = b"/Resources %d 0 R" % add(b"%d 0 R" % add(b"<<%b>>" % resources))
                case "missing":
                    held = b""
                case "fonts apart":
                    fonts, more = resources[: resources.index(b">>") + 2], resources[resources.index(b">>") + 2 :]
                    held = b"/Resources<</Font %d 0 R%b>>" % (add(fonts[5:]), more)
                case "inherited reference":
                    parent, held = b"/Resources %d 0 R" % add(b"<<%b>>" % resources), b""
                case "odd":
                    held = (
                        chance.choice(
                            (
                                b"/Resources[<<%b>>]",
                                b"/#52esources<<%b>>",
                                b"/Resources%%x\n<<%b>>",
                                b"/Resources\0<<%b>>",
                                b"/Resources <<%b",
                            )
                        )
                        .replace(b"%b", resources)
                        .replace(b"%%", b"%")
                    )
                case "twice":
                    held = b"/Resources<<>>" + held
                case _:
                    parent, held = held, b"/Resources<<>>"
        contents = self._contents(chance, content, add)
        objects[3] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]%b%b%b>>" % (contents, held, self._page)
        objects[2] = b"<</Type/Pages/Kids[3 0 R]/Count 1%b>>" % parent
        objects[1] = b"<</Type/Catalog/Pages 2 0 R%b>>" % self._catalog
        return _laid(objects)

    def _contents(self, chance: random.Random, content: bytes, add: Add) -> bytes:
        pieces = [content]
        if self._does("contents"):
            count = chance.choice((1, 2, 3, 5))
            cuts = sorted(chance.randrange(len(content) + 1) for _ in range(count - 1))
            if chance.random() < 0.6:  # between tokens
                spaces = [at.start() for at in re.finditer(rb" ", content)] or [0]
                cuts = sorted(chance.choice(spaces) for _ in range(count - 1))
            pieces = [content[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]
        numbers = [add(self._packed(chance, piece)) for piece in pieces]
        listed = b" ".join(b"%d 0 R" % number for number in numbers)
        if not self._does("contents"):
            return b"/Contents " + listed
        ways = [
            b"/Contents[%b]",
            b"/Contents %d 0 R" % add(b"[%b]" % listed),
            b"/Contents[null %b]",
            b"/Contents[ 99 0 R %b]",
            b"/Contents[%d 0 R %b]",
            b"/Contents[[%b]]",
            b"/Contents%%x\n[%b]",
            b"/#43ontents[%b]",
            b"/Contents[%b",
            b"/Contents[%b null 5 /x (y)]",
            b"/Contents[%b]/Contents null",
            b"/Contents null/Contents[%b]",
            b"/Contents %d 0 R" % add(b"%d 0 R" % add(b"[%b]" % listed)),
        ]
        if len(numbers) == 1:
            n = numbers[0]
            ways += [
                b"/Contents %d.0 0 R" % n,
                b"/Contents 0%d 0 R" % n,
                b"/Contents %d 00000 R" % n,
                b"/Contents +%d 0 R" % n,
                b"/Contents %d 0R" % n,
                b"/Contents %d 0.0 R" % n,
                b"/Contents %d%%x\n0 R" % n,
                b"/Contents %d\0000\0R" % n,
                b"/Contents %d 1 R" % n,
                b"/Contents %d +0 R" % n,
                b"/Contents -%d 0 R" % n,
                b"/Contents %d 0 R" % add(b"%d 0 R" % n),
                b"/Contents 0 0 R/Contents %d 0 R" % n,
                b"/Contents(x)/Contents %d 0 R" % n,
                b"/Contents %d 0 r" % n,
                b"/Contents<<>>/Contents %d 0 R" % n,
            ]
        way = chance.choice(ways)
        self._told = [*dict.fromkeys((*self._told, f"{way!r}"))]
        return way.replace(b"%b", listed).replace(b"%%", b"%").replace(b"%d", b"%d" % numbers[0])

    def _packed(self, chance: random.Random, content: bytes) -> bytes:
        keys: list[bytes] = []
        for _ in range(chance.choice((1, 1, 2, 3)) if self._does("packed") else 0):
            match chance.randrange(5):
                case 0:
                    content = zlib.compress(content)
                    keys.insert(0, chance.choice((b"/FlateDecode", b"/Fl", b"/FlateDecod#65")))
                case 1:
                    content = content.hex().encode() + chance.choice((b">", b""))
                    keys.insert(0, chance.choice((b"/ASCIIHexDecode", b"/AHx")))
                case 2:
                    content = base64.a85encode(content) + b"~>"
                    keys.insert(0, chance.choice((b"/ASCII85Decode", b"/A85")))
                case 3:
                    content = (
                        b"".join(
                            bytes((len(content[at : at + 100]) - 1,)) + content[at : at + 100] for at in range(0, len(content), 100)
                        )
                        + b"\x80"
                    )
                    keys.insert(0, chance.choice((b"/RunLengthDecode", b"/RL")))
                case _:
                    content = zlib.compress(content)[: -chance.choice((1, 4, 5))]
                    keys.insert(0, b"/FlateDecode")
        named = b""
        if keys:
            named = b"/Filter" + (keys[0] if len(keys) == 1 and chance.random() < 0.5 else b"[%b]" % b"".join(keys))
        return stream(named, content)


def _led_to(objects: dict[int, bytes]) -> set[int]:
    """The numbers of the objects that the first one leads to."""
    found, wanted = set(), [1]
    while wanted:
        if (number := wanted.pop()) in objects and number not in found:
            found.add(number)
            wanted += [int(match[1]) for match in _LEADS.finditer(objects[number])]
    return found


def _laid(objects: dict[int, bytes]) -> bytes:
    out, at = bytearray(b"%PDF-1.7\n"), {}
    info = re.search(rb"/Info ([0-9]+) 0 R", objects[1])
    objects = {number: objects[number] for number in sorted(_led_to(objects))}
    for number, body in sorted(objects.items()):
        at[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    rows = (
        b"%010d %05d %b \n" % (at.get(number, 0), 0 if number in at else 65535, b"n" if number in at else b"f")
        for number in range(size)
    )
    out += b"xref\n0 %d\n%btrailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        b"".join(rows),
        size,
        info[0] if info else b"",
        start,
    )
    return bytes(out)
