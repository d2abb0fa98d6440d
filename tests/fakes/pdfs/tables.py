"""Tables of references and trailers of a PDF as no program writes them (ISO 32000-1 7.5.4, 7.5.5, 7.5.8)."""

import random
import zlib

from fakes.pdfs.pen import Keys, Name, Pen, Ref, Value


class Tables:
    """Tells where objects stand: their offsets by number, and what is in an object stream by that one's number and the index."""

    def __init__(
        self, chance: random.Random, ways: set[str], pen: Pen, at: dict[int, int], within: dict[int, tuple[int, int]]
    ) -> None:
        self._chance = chance
        self._ways = ways
        self._pen = pen
        self._at = at
        self._in = within

    def trailer(self, size: int, previous: int) -> Keys:
        chance = self._chance
        keys = Keys([("Size", size), ("Root", Ref(1))])
        if previous >= 0:
            keys.put("Prev", previous)
        if "trailer" in self._ways:
            odd: tuple[tuple[str, Value], ...] = (
                ("Root", b"null"), ("Root", Ref(3)), ("Root", Ref(99)), ("Root", [Ref(1)]), ("Size", 3), ("Size", b"null"),
                    ("Size", 0), ("Prev", 0), ("Prev", b"-1"),
                ("Prev", 10), ("Encrypt", b"null"), ("Encrypt", Ref(99)), ("Encrypt", Keys()), ("XRefStm", 15),
                    ("Size", 9_999_999), ("Root", b"<</Pages 2 0 R>>"),
            )  # fmt: skip
            for key, value in chance.sample(odd, chance.randint(1, 2)):
                keys.pairs.insert(chance.randint(0, len(keys.pairs)), (key, value))
        return keys

    def rows(self, size: int) -> bytes:
        chance = self._chance
        is_odd = "table" in self._ways
        rows = [
            b"%010d %05d %b" % (self._at.get(number, 0), 0 if number in self._at else 65535, b"n" if number in self._at else b"f")
            for number in range(size)
        ]
        if is_odd:
            for index in range(size):
                if chance.random() < 0.25:
                    row = rows[index]
                    odd = (
                        row[:-1] + b"f",
                        row[:-1] + b"x",
                        row.lstrip(b"0") or row,
                        row.replace(b" 00000", b" 00001"),
                        b"+" + row[1:],
                        row[:-2],
                        b"%x\n" + row,
                        b"",
                        row.replace(b" ", b"\0"),
                    )
                    rows[index] = chance.choice(odd)
        end = chance.choice((b"\n", b" \n", b"\r\n", b" \r", b"  ", b"\r")) if is_odd else b" \n"
        begin = b"xref\n0 %d\n" % size
        if is_odd:
            begin = chance.choice(
                (
                    begin,
                    b"xref 0 %d " % size,
                    b"xref\n1 %d\n" % size,
                    b"xref\n0 %d\n" % (size + 5),
                    b"xref\n0 3\n",
                    b"%%x\nxref\n0 %d\n" % size,
                    b"xref\n%%x\n0 %d\n" % size,
                    b"xreff\n0 %d\n" % size,
                )
            )
        return begin + b"".join(row + end for row in rows)

    def stream(self, trailer: Keys, size: int) -> bytes:
        chance = self._chance
        rows = []
        is_odd = "table-stream" in self._ways
        for number in range(size):
            kind, second, third = (
                (2, *self._in[number]) if number in self._in else (1, self._at[number], 0) if number in self._at else (0, 0, 65535)
            )
            if is_odd and chance.random() < 0.1:
                kind, second, third = chance.choice(
                    ((0, second, third), (3, second, third), (kind, second, third + 1), (1, second + 1, 0))
                )
            rows.append(bytes((kind,)) + second.to_bytes(4, "big") + (third & 0xFFFF).to_bytes(2, "big"))
        keys = Keys([("Type", Name("XRef")), ("W", [1, 4, 2]), *trailer.pairs])
        if is_odd and chance.random() < 0.5:
            index: Value = [0, chance.choice((size, 4))]
            odd = (b"[1 4 2 0]", b"[1.0 4 2]", b"[1 4]", b"null")
            match chance.randrange(3):
                case 0:
                    keys.put("W", chance.choice(odd))
                case 1:
                    keys.put("Index", index if chance.random() < 0.6 else b"[0 %d 0]" % size)
                case _:
                    keys.put("Type", b"null")
        content = b"".join(rows)
        if chance.random() < 0.6:
            content, keys = zlib.compress(content), keys.put("Filter", Name("FlateDecode"))
        return self._pen.write(keys.put("Length", len(content))) + b"stream\n" + content + b"\nendstream"
