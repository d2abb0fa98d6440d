"""PDFs with a file or a script in them, made at random of a few oddities each, known by their number.

What is odd: how values are written (`pen`), how the file is packed (`packing`), what leads to it, and where objects stand (`laid`);
then tokens and octets may be bent.
"""

import io
import logging
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakes.pdfs.bent import octets_bent, tokens_bent
from fakes.pdfs.laid import LAID_WAYS, Laid
from fakes.pdfs.packing import PACKING_WAYS, Packed
from fakes.pdfs.pen import PEN_WAYS, Keys, Name, Pen, Ref, Text, Value

_FILE, _SPECIFICATION, _CATALOG, _PAGE, _ANNOTATION = 6, 7, 1, 3, 8
PLANTS = ("tree", "annotation", "associated", "script", "script-tree", "script-page", "script-annotation", "launch")
LEADING_WAYS = ("names", "files", "tree", "chains", "types", "padding", "inline")
BENT_WAYS = ("tokens", "octets", "rewritten", "locked")
_LOCKED = Path(__file__).resolve().parents[2] / "anatomy" / "locked_pdfs"  # each with the same file, and a key of no password
_LOCKED_CONTENT = b"@echo off\r\nstart calc\r\n"
_OF_KEYS = (
    *(
        b"/EFF/Identity",
        b"/StmF/Identity",
        b"/StrF/Identity",
        b"/EFF/StdCF",
        b"/V 1",
        b"/V 4",
        b"/R 2",
        b"/R 3",
        b"/R 6",
        b"/Length 40",
    ),
    *(
        b"/Length 128",
        b"/Length 5",
        b"/EncryptMetadata false",
        b"/P -1",
        b"/Encrypt null",
        b"/CF<<>>",
        b"/ID[()()]",
        b"/ID[<00><00>]",
    ),
    *(
        b"/Filter/Crypt",
        b"/Filter[/Crypt/FlateDecode]",
        b"/DecodeParms<</Name/Identity>>",
        b"/CFM/None",
        b"/CFM/V2",
        b"/AuthEvent/EFOpen",
    ),
)
EVERY_WAY = tuple(dict.fromkeys((*PEN_WAYS, *PACKING_WAYS, *LAID_WAYS, *LEADING_WAYS, *BENT_WAYS)))
_HARMLESS = Text(b"a.txt")
MARK = b"0123456789abcdef"  # is in what is planted
SCRIPT = b"app.alert(1)"


@dataclass(frozen=True)
class Made:
    """A PDF: its octets, what was planted and which ways were taken."""

    octets: bytes
    name: str
    mark: bytes  # is in what is planted
    plants: tuple[str, ...]
    ways: tuple[str, ...]


def made(number: int, only: tuple[str, ...] = ()) -> Made:
    """The one of this number; `only`: of these ways."""
    chance = random.Random(f"pdf {number} {only}")
    every = only or EVERY_WAY
    ways = set(chance.sample(every, min(len(every), chance.choice((1, 1, 2, 2, 3, 4, 6)))))
    return _Maker(chance, ways).made()


class _Maker:
    def __init__(self, chance: random.Random, ways: set[str]) -> None:
        self._chance = chance
        self._ways = ways
        self._pen = Pen(chance, ways)
        self._objects: dict[int, Value] = {}
        self._next = 20
        self._name = chance.choice(("evil.js", "evil.exe"))
        start = (
            b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" if self._name.endswith("exe") else b"var nightjar = new ActiveXObject('x');\n"
        )
        self._content = start + MARK * chance.choice((4, 10, 60))

    def indirect(self, value: Value) -> Value:
        """The value in an object of its own."""
        self._next += 1
        self._objects[self._next] = value
        return Ref(self._next)

    def _led(self, value: Value, way: str = "chains") -> Value:
        """The value, or what leads to it."""
        if way not in self._ways or self._chance.random() < 0.4:
            return value
        for _ in range(self._chance.choice((1, 1, 2, 3, 5, 8))):
            value = self.indirect(value)
        return value

    def made(self) -> Made:
        chance = self._chance
        if "locked" in self._ways:
            return self._locked()
        plants = [chance.choice(PLANTS)] if chance.random() < 0.8 else chance.sample(PLANTS, 2)
        catalog = Keys([("Type", Name("Catalog")), ("Pages", Ref(2))])
        page = Keys([("Type", Name("Page")), ("Parent", Ref(2)), ("MediaBox", [0, 0, 200, 200])])
        self._objects = {_CATALOG: catalog, 2: Keys([("Type", Name("Pages")), ("Kids", [Ref(_PAGE)]), ("Count", 1)]), _PAGE: page}
        streams: dict[int, tuple[Keys, bytes]] = {}
        if set(plants) & {"tree", "annotation", "associated"}:
            self._objects[_SPECIFICATION] = self._specification()
            kind = Keys([] if "types" in self._ways and chance.random() < 0.7 else [("Type", Name("EmbeddedFile"))])
            streams[_FILE] = Packed(chance, self._ways, self.indirect).of(self._content, kind)
        for plant in plants:
            self._plant(plant, catalog, page)
        if "padding" in self._ways:
            self._pad()
        laid = Laid(chance, self._ways, self._pen, self._bent, Packed(chance, self._ways, self.indirect))
        octets = laid.document(self._objects, streams)
        if "rewritten" in self._ways:
            octets = self._rewritten(octets)
        for way, bend in (("tokens", tokens_bent), ("octets", octets_bent)):
            if way in self._ways and chance.random() < 0.5:
                octets = bend(chance, octets)
        return Made(octets, self._name, MARK, tuple(plants), tuple(sorted(self._ways)))

    def _plant(self, plant: str, catalog: Keys, page: Keys) -> None:
        script = Keys([("S", Name("JavaScript")), ("JS", self._led(Text(SCRIPT)))])
        rect: Value = [10, 10, 90, 90]
        leads = self._objects[_SPECIFICATION] if "inline" in self._ways and _SPECIFICATION in self._objects else Ref(_SPECIFICATION)
        match plant:
            case "tree":
                self._in_tree(catalog, "EmbeddedFiles", leads)
            case "script-tree":
                self._in_tree(catalog, "JavaScript", self._led(script))
            case "annotation":
                about: list[tuple[str, Value]] = [("Subtype", Name("FileAttachment")), ("Rect", rect), ("FS", self._led(leads))]
                self._annotate(page, Keys([("Type", Name("Annot")), *about]))
            case "associated":
                catalog.put("AF", self._led([leads]))
                self._in_tree(catalog, "EmbeddedFiles", leads)
            case "script":
                catalog.put("OpenAction", self._led(script))
            case "script-page":
                page.put("AA", self._led(Keys([("O", self._led(script))])))
            case "script-annotation":
                self._annotate(page, Keys([("Subtype", Name("Link")), ("Rect", rect), ("A", self._led(script))]))
            case _:
                launch = Keys([("S", Name("Launch")), ("F", self._led(Text(b"evil.exe")))])
                catalog.put("OpenAction", self._led(launch))
                self._annotate(page, Keys([("Subtype", Name("Link")), ("Rect", rect), ("A", self._led(launch))]))

    def _annotate(self, page: Keys, annotation: Keys) -> None:
        number = _ANNOTATION + sum(one in self._objects for one in (_ANNOTATION, _ANNOTATION + 1))
        self._objects[number] = annotation
        known = page.get("Annots")
        page.put("Annots", [*(known if isinstance(known, list) else []), Ref(number)])

    def _in_tree(self, catalog: Keys, kind: str, leads: Value) -> None:
        chance = self._chance
        leaf: Value = Keys([("Names", self._led([Text(self._name.encode()), leads]))])
        if "tree" in self._ways:
            assert isinstance(leaf, Keys)
            for _ in range(chance.randint(0, 4)):
                if chance.random() < 0.5:
                    leaf.pairs.insert(0, ("Limits", [Text(b"a"), Text(chance.choice((b"z", b"b", b"")))]))
                leaf = Keys([("Kids", self._led([self._led(self.indirect(leaf))]))])
            if chance.random() < 0.4:
                leaf.pairs.append(
                    chance.choice((("Names", b"null"), ("Kids", []), ("Names", []), ("Kids", b"null"), ("Names", b"7")))
                )
            if chance.random() < 0.2:
                odd: tuple[Value, ...] = (b"/evil.js", b"7", b"null", [Text(b"evil.js")], Keys())
                leaf = Keys([("Names", [chance.choice(odd), leads])])
        names = catalog.get("Names")
        names = names if isinstance(names, Keys) else Keys()
        catalog.put("Names", Keys([*names.pairs, (kind, self._led(leaf))]))

    def _specification(self) -> Value:
        chance, ways = self._chance, self._ways
        name: Value = Text(self._name.encode())
        files = Keys([("F", self._led(Ref(_FILE)))])
        keys = Keys([("Type", Name("Filespec")), ("F", name), ("UF", name), ("EF", files)])
        if "types" in ways:
            keys.put(
                "Type",
                *chance.choice(((), (Name("F"),), (Name("EmbeddedFile"),), (b"null",), (Name("filespec"),), (Name("Font"),))),
            )
        if "names" in ways:
            odd: tuple[Value, ...] = (
                [name],
                Name(self._name),
                Keys([("F", name)]),
                [name, name],
                b"null",
                self.indirect(name),
                [[name]],
            )
            keys.put("UF", *chance.choice(((chance.choice(odd),), (chance.choice(odd),), (), (_HARMLESS, name), (name, _HARMLESS))))
            keys.put("F", *chance.choice(((), (_HARMLESS,), (name,), (chance.choice(odd),))))
            if chance.random() < 0.3:
                keys.pairs.append((chance.choice(("DOS", "Unix", "Mac", "Desc", "FS", "V", "ID", "U", "f", "N")), name))
        else:
            keys.put("F", self._led(name)).put("UF", *chance.choice(((self._led(name),), (self._led(name),), ())))
        if "files" in ways:
            file: Value = self._led(Ref(_FILE))
            one = chance.choice(("UF", "DOS", "Unix", "Mac", "X", "f", "F", "EF"))
            odd_files: tuple[Value, ...] = (
                Keys([(one, file)]), Keys([("F", b"null"), (one, file)]), Keys([("F", [file])]), [file],
                    [Keys([("F", file)])], file,
                Keys([("F", Keys([("F", file)]))]), self.indirect(Keys([("F", file)])), Keys([("F", b"7 0 R"), (one, file)]),
                Keys([("F", b"99 0 R"), ("UF", file)]),
            )  # fmt: skip
            keys.put("EF", *(chance.choice(odd_files) for _ in range(chance.choice((1, 1, 2)))))
        else:
            keys.put("EF", self._led(files))
        return keys

    def _pad(self) -> None:
        """Long or deep things between keys, or before them."""
        chance = self._chance
        size = chance.choice((200, 2_100, 4_200, 8_300, 16_500, 17_000, 34_000))
        pieces: tuple[bytes, ...] = (
            b"<</Y 0>>",
            b"(y)",
            b"/Y",
            b" 0",
            b"[]",
            b"<20>",
            b"[<<>>]",
            b"/Y 0 ",
            b"%\n",
            b"(())",
            b" 9 0 R",
            b"[[[",
        )
        piece = chance.choice(pieces)
        body = piece * (size // len(piece))
        value = (
            b"(" + body.replace(b"(", b"").replace(b")", b"") + b")"
            if chance.random() < 0.3
            else b"[" + body + b"]" * (1 + body.count(b"[[["))
        )
        for owner in chance.sample([one for one in self._objects.values() if isinstance(one, Keys)], 1):
            owner.pairs.insert(chance.randint(0, len(owner.pairs)), ("X", value))

    def _rewritten(self, octets: bytes) -> bytes:
        """As qpdf writes it, encrypted maybe; bent a little."""
        import pikepdf

        logging.getLogger("pikepdf").setLevel(logging.CRITICAL)
        chance = self._chance
        mode = chance.choice(
            (pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.preserve)
        )
        how: dict[str, Any] = {"linearize": chance.random() < 0.3, "object_stream_mode": mode, "static_id": True}
        if chance.random() < 0.5:
            revision = chance.choice((2, 3, 4))
            how["encryption"] = pikepdf.Encryption(
                owner="o", user="", R=revision, aes=False, metadata=False
            )  # AES is seeded by itself
        else:
            how |= {"compress_streams": chance.random() < 0.5}
        written = io.BytesIO()
        try:
            with pikepdf.open(io.BytesIO(octets), suppress_warnings=True) as document:
                document.save(written, **how)
        except Exception:  # noqa: BLE001 what qpdf does not open stays as it is
            return octets
        bends = [chance.choice((tokens_bent, octets_bent)) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
        octets = written.getvalue()
        for bend in bends:
            octets = bend(chance, octets)
        return octets

    def _locked(self) -> Made:
        """One that is encrypted, bent a little."""
        chance = self._chance
        octets = chance.choice([*sorted(_LOCKED.glob("aes-*.pdf")), *sorted(_LOCKED.glob("rc4-*.pdf"))]).read_bytes()
        for _ in range(chance.choice((1, 1, 2, 3))):
            match chance.randrange(4):
                case 0:
                    octets = octets_bent(chance, octets)
                case 1:
                    octets = tokens_bent(chance, octets)
                case 2:
                    at = chance.choice([one.end() for one in re.finditer(rb"<<", octets)])
                    octets = octets[:at] + chance.choice(_OF_KEYS) + octets[at:]
                case _:
                    at = chance.choice([one.start() for one in re.finditer(rb"/[A-Z]\w*|<[0-9a-f]+>|\d+|\(", octets)])
                    octets = (
                        octets[:at]
                        + chance.choice((b"/X", b"%\n", b"\0", b"0", b"+", b"null", b"<", b"(", b"[", b"9 0 R"))
                        + octets[at:]
                    )
        return Made(octets, "start.bat", _LOCKED_CONTENT, ("locked",), tuple(sorted(self._ways)))

    def _bent(self, octets: bytes) -> bytes:
        """Of an object, before it is laid."""
        for way, bend in (("tokens", tokens_bent), ("octets", octets_bent)):
            if way in self._ways and self._chance.random() < 0.25:
                octets = bend(self._chance, octets)
        return octets
