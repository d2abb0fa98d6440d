"""Objects laid into a PDF as no program lays them: tables of references, object streams, versions, lengths (ISO 32000-1 7.5)."""

import random
from collections.abc import Callable

from fakes.pdfs.packing import Packed
from fakes.pdfs.pen import Keys, Pen, Ref, Value
from fakes.pdfs.streams import PACKED, Streams
from fakes.pdfs.tables import Tables

LAID_WAYS = (
    *("lengths", "stream-words", "object-words", "object-streams", "object-stream-heads", "table", "table-stream", "no-table"),
    *("hidden", "offsets", "head", "tail", "decoys", "versions", "hybrid", "trailer", "between", "startxref"),
)
_HARMLESS = b"<</Type/Filespec/F(a.txt)/UF(a.txt)/EF<</F 12 0 R>>>>"
_HARMLESS_FILE = b"<</Type/EmbeddedFile/Length 5>>stream\nhello\nendstream"
_TABLE, _LENGTH, _OTHER = 17, 16, 12


class Laid:
    """Lays objects."""

    def __init__(self, chance: random.Random, ways: set[str], pen: Pen, bend: Callable[[bytes], bytes], packed: Packed) -> None:
        self._chance = chance
        self._ways = ways
        self._pen = pen
        self._bend = bend
        self._streams = Streams(chance, ways, pen, bend, packed)
        self._out = bytearray()
        self._at: dict[int, int] = {}  # offsets by number
        self._in: dict[int, tuple[int, int]] = {}  # what is in an object stream: its number and index

    def _does(self, way: str, rate: float = 0.6) -> bool:
        return way in self._ways and self._chance.random() < rate

    def document(self, objects: dict[int, Value], streams: dict[int, tuple[Keys, bytes]]) -> bytes:
        """The whole."""
        chance = self._chance
        self._out += self._head()
        bodies = {number: self._pen.write(value) for number, value in objects.items()}
        is_packed = bool(self._ways & {"object-streams", "object-stream-heads"}) or chance.random() < 0.08
        decoys = self._decoys() if "decoys" in self._ways else {}
        is_before = chance.random() < 0.5
        if is_before:
            self._lay_decoys(decoys)
        if "versions" in self._ways and chance.random() < 0.5:
            for number in chance.sample([*bodies], min(len(bodies), 2)):
                self._object(number, self._pen.write(Keys([("X", b"null")])))
        if "hidden" in self._ways:
            self._hide(bodies, streams)
        packed = {number: body for number, body in bodies.items() if is_packed and chance.random() < 0.9}
        for number, (keys, content) in streams.items():
            self._object(number, self._streams.written(keys, content, bodies))
        for number, body in bodies.items():
            if number not in packed:
                self._object(number, self._bend(body))
        if packed:
            self._object(PACKED, self._streams.of_objects({number: self._bend(body) for number, body in packed.items()}, self._in))
        for number in [one for one in objects if one not in self._at and one not in self._in]:  # how the object stream is packed
            self._object(number, self._pen.write(objects[number]))
        if "versions" in self._ways and chance.random() < 0.5:
            start = len(self._out)
            self._table(is_packed)
            number = chance.choice([*self._at])
            if number in bodies:
                self._object(number, bodies[number])
            self._table(False, start)
        elif decoys and not is_before:
            kept = dict(self._at)
            self._lay_decoys(decoys)
            self._at = kept if chance.random() < 0.5 else self._at
            self._table(is_packed)
        else:
            self._table(is_packed)
        return bytes(self._out) + self._tail()

    def _hide(self, bodies: dict[int, bytes], streams: dict[int, tuple[Keys, bytes]]) -> None:
        """Lays an object where only a table leads to it."""
        chance = self._chance
        number = chance.choice([one for one in (7, 1, 3, 8, 6) if one in bodies or one in streams])
        body = bodies.pop(number) if number in bodies else self._streams.written(*streams.pop(number), bodies)
        around = (
            *(
                (b"%", b"\n"),
                (b"9 0 obj\n(", b")\nendobj\n"),
                (b"9 0 obj\n<</X(", b")>>\nendobj\n"),
                (b"9 0 obj\n<", b">\nendobj\n"),
            ),
            *((b"9 0 obj\n<</Length %d>>stream\n", b"\nendstream\nendobj\n"), (b"9 0 obj\n<<>>stream\n", b"\nendstream\nendobj\n")),
            *(
                (b"%%EOF\n", b""),
                (b"(", b""),
                (b"<", b""),
                (b"<<", b""),
                (b"9 0 obj\n", b""),
                (b"stream\n", b""),
                (b"BT ", b" ET\n"),
                (b"/X", b""),
            ),
            *((b"9 0 obj\n<</Length 0>>stream\n", b"\nendstream\nendobj\n"), (b"9 0 obj\n[", b"]\nendobj\n"), (b"%\\\n", b"\n")),
        )
        before, behind = chance.choice(around)
        if before.startswith(b"%") and behind:
            body = body.replace(b"\n", chance.choice((b" ", b"\f", b"\0", b"\r", b"\n%")))
        start = b"%d 0 obj " % number
        whole = start + body + chance.choice((b" endobj ", b"", b"\nendobj\n"))
        self._out += before % len(whole) if b"%d" in before else before
        self._at[number] = len(self._out)
        self._out += whole + behind
        if chance.random() < 0.5:
            kept = self._at[number]
            self._object(number, {7: _HARMLESS, 6: _HARMLESS_FILE}.get(number, b"null"))
            self._at[number] = kept

    def _head(self) -> bytes:
        if "head" not in self._ways:
            return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
        heads = (b"%PDF-1.7", b"\n\n%PDF-1.7\n", b"x" * 900 + b"\n%PDF-1.4\n", b"%PDF-9.9\n", b"%PDF-\n", b"%pdf-1.7\n",
            b"%!PS-Adobe-3.0 PDF-1.4\n",
                 b"\xef\xbb\xbf%PDF-1.7\r", b"", b"%PDF-1.7\n%\n(", b"<<%PDF-1.7\n", b"GIF89a(%PDF-1.7\n", b"%PDF-1.7\n(\n",
                     b"%PDF-1.7\0", b"<%PDF-1.7\n",
                 b"%PDF-1.7 <<\n", b"%PDF-1.7\n<<\n", b"%FDF-1.2\n", b"9 0 obj\n%PDF-1.7\n",
                     b"x" * 1_100 + b"%PDF-1.7\n")  # fmt: skip
        return self._chance.choice(heads)

    def _tail(self) -> bytes:
        if "tail" not in self._ways:
            return b""
        tails = (b"\n" * 2_000, b"x" * 1_200, b"\0" * 5_000, b"startxref\n0\n%%EOF\n", b"%PDF-1.4\n", b"(", b"<<",
            b"trailer<</Size 1>>",
                 b"trailer<</Root 99 0 R>>", b"trailer<</Root 3 0 R>>", b"trailer<</Encrypt null>>",
                     b"\n1 0 obj\nnull\nendobj\n", b"xref\n0 0\n")  # fmt: skip
        return self._chance.choice(tails)

    def _decoys(self) -> dict[int, bytes]:
        chance = self._chance
        pool = {7: _HARMLESS, 6: _HARMLESS_FILE, 1: b"<</Type/Catalog/Pages 2 0 R>>", 3: b"<</Type/Page/Parent 2 0 R>>", 8: b"null"}
        chosen = {number: pool[number] for number in chance.sample([*pool], chance.randint(1, 2))}
        return chosen | {_OTHER: _HARMLESS_FILE}

    def _lay_decoys(self, decoys: dict[int, bytes]) -> None:
        for number, body in decoys.items():
            self._object(number, body, self._chance.choice((0, 0, 1)))

    def _object(self, number: int, body: bytes, generation: int = 0) -> None:
        chance = self._chance
        start, end = b"%d %d obj\n" % (number, generation), b"\nendobj\n"
        if self._does("between", 0.4):
            junk = (
                b"(",
                b"<",
                b"<<",
                b"x ",
                b"5 0 obj ",
                b"% ",
                b"%\r",
                b"/X ",
                b")",
                b">>",
                b"endobj ",
                b"\0",
                b"endstream ",
                b"stream\n",
                b"[",
                b"-",
                b"trailer\n",
            )
            self._out += chance.choice(junk)
        if self._does("object-words", 0.4):
            starts = (b"%d 0 obj", b"%d 0 obj ", b"%d  0\nobj\n", b"0%d 0 obj\n", b"+%d 0 obj\n", b"%d 0obj\n",
                b"%d 0 obj%%x\n", b"%d\0 0\0obj\0", b"%d 00000 obj",
                      b"%d.0 0 obj\n", b"%d 0 objx\n", b"%d 1 obj\n", b"%d %%\n0 obj\n", b"-%d 0 obj\n", b"%d 0 OBJ\n",
                          b"%d 0.0 obj\n", b"%d 65536 obj\n",
                      b"%d 0 obj\n<</X 0>>\n", b"%d 0 obj null\n", b"\x0b%d 0 obj\n", b"%d -0 obj\n", b"%d 0\x0bobj\n")  # fmt: skip
            start = chance.choice(starts) % number
        if self._does("object-words", 0.4):
            end = chance.choice(
                (
                    b"",
                    b"\n",
                    b"endobj",
                    b"\nendob\n",
                    b" endobjx\n",
                    b"\nENDOBJ\n",
                    b"%endobj\n",
                    b" endobj 5 0 obj\n",
                    b"endstream endobj\n",
                    b">>endobj\n",
                )
            )
        self._at[number] = len(self._out)
        self._out += start + body + end

    def _table(self, is_packed: bool, previous: int = -1) -> None:
        """A table of references, and the trailer."""
        chance = self._chance
        if self._does("offsets"):
            for number in chance.sample([*self._at], min(len(self._at), 2)):
                self._at[number] = max(0, self._at[number] + chance.choice((-1, 1, 2, -9, 5, 100, -100, 1_000_000)))
        size = max((*self._at, *self._in)) + 1
        tables = Tables(chance, self._ways, self._pen, self._at, self._in)
        trailer = tables.trailer(size, previous)
        start = len(self._out)
        if "no-table" in self._ways and chance.random() < 0.7:
            self._out += b"trailer\n" + self._pen.write(trailer) if chance.random() < 0.8 else b""
        elif "hybrid" in self._ways:
            self._at[_TABLE] = start
            self._out += b"%d 0 obj\n" % _TABLE + tables.stream(Keys([("Size", size)]), max(size, _TABLE + 1)) + b"\nendobj\n"
            led: Value = (
                start if chance.random() < 0.7 else chance.choice((b"%d.0" % start, b"+%d" % start, Ref(_LENGTH), b"0%d" % start))
            )
            start = len(self._out)
            self._out += tables.rows(size) + b"trailer\n" + self._pen.write(trailer.put("XRefStm", led))
        elif is_packed or "table-stream" in self._ways:
            self._at[_TABLE] = start
            self._out += b"%d 0 obj\n" % _TABLE + tables.stream(trailer, max(size, _TABLE + 1)) + b"\nendobj\n"
        else:
            self._out += tables.rows(size) + b"trailer\n" + self._pen.write(trailer)
        told: bytes = b"%d" % start
        end = b"\nstartxref\n%b\n%%%%EOF\n"
        if "startxref" in self._ways:
            told = chance.choice(
                (
                    b"0",
                    b"%d" % (start + 1),
                    b"%d" % max(0, start - 1),
                    b"+%d" % start,
                    b"%d.0" % start,
                    b"x",
                    b"",
                    b"-1",
                    b"%d" % (start + (1 << 32)),
                    b"0%d" % start,
                    told,
                )
            )
            end = chance.choice(
                (
                    end,
                    b"\nstartxref %b",
                    b"\nstartxref\n%%x\n%b\n%%%%EOF",
                    b"\nstartxref%b\n",
                    b"\nSTARTXREF\n%b\n%%%%EOF\n",
                    b"\nstartxref\n%b\n%%%%EOF\n%%%%EOF\n",
                    b"%b",
                )
            )
        self._out += end % told
