"""Streams of a PDF as no program writes them: lengths, words around them, objects in them (ISO 32000-1 7.3.8, 7.5.7)."""

import random
import zlib
from collections.abc import Callable

from fakes.pdfs.packing import PACKING_WAYS, Packed
from fakes.pdfs.pen import Keys, Name, Pen, Ref, Value

PACKED = 18  # the number of the object stream
_LENGTH = 16


class Streams:
    """Writes streams."""

    def __init__(self, chance: random.Random, ways: set[str], pen: Pen, bend: Callable[[bytes], bytes], packed: Packed) -> None:
        self._chance = chance
        self._ways = ways
        self._pen = pen
        self._bend = bend
        self._packed = packed

    def _does(self, way: str, rate: float = 0.6) -> bool:
        return way in self._ways and self._chance.random() < rate

    def written(self, keys: Keys, content: bytes, bodies: dict[int, bytes]) -> bytes:
        chance = self._chance
        length: Value = len(content)
        if "lengths" in self._ways:
            true = len(content)
            elsewhere = chance.choice((True, True, False))
            if elsewhere:
                bodies[_LENGTH] = self._pen.number(true if chance.random() < 0.6 else chance.choice((0, 3, true + 9)))
            wrong: tuple[Value, ...] = (0, true // 2, true - 1, true + 1, true + 60, 999_999_999_999, b"-1", b"null",
                b"%d.0" % true, b"%d.7" % true, b"+%d" % true, b"(x)", b"00%d" % true,
                     b"%d" % (true + (1 << 32)), [true], Ref(99), b"%d 5" % true)  # fmt: skip
            length = Ref(_LENGTH) if elsewhere else chance.choice(wrong)
        keys = Keys([*keys.pairs]).put("Length", *((length,) if not self._does("lengths", 0.15) else ()))
        if self._does("lengths", 0.2):
            keys.pairs.insert(0, ("Length", chance.choice((0, 3, len(content)))))
        chance.shuffle(keys.pairs)
        begin, end = b"\nstream\n", b"\nendstream"
        if "stream-words" in self._ways:
            begins = (b"stream\r\n", b"stream\r", b"stream", b"stream \n", b"stream  \r\n", b"stream\n\n", b"stream%x\n",
                b"%x\nstream\n", b"\0stream\n", b"STREAM\n", b"streamx\n",
                      b"stream\0\n", b"stream\t\r\n", b"stream\n\r", b"%>>\nstream\n", b">>stream\n", b"endobj stream\n",
                          b"stream stream\n", b"null stream\n", b"\x0bstream\n")  # fmt: skip
            begin = chance.choice(begins)
            ends = (b"endstream", b"", b"\n", b"\r\nendstream", b"\nendstreamx", b"\nENDSTREAM", b"\nendobj", b" endstream",
                b"%x\nendstream", b"\nendstrea", b"endstream\nendstream",
                    b"\0\0endstream", b"\nendstream>>")  # fmt: skip
            end = chance.choice(ends) if chance.random() < 0.7 else end
        return self._bend(self._pen.write(keys)) + begin + content + end

    def of_objects(self, objects: dict[int, bytes], within: dict[int, tuple[int, int]]) -> bytes:
        chance = self._chance
        is_odd = "object-stream-heads" in self._ways
        numbers, body, at = [], b"", {}
        for index, (number, value) in enumerate(objects.items()):
            at[number] = len(body)
            numbers.append(number)
            within[number] = (PACKED, index)
            body += value + (
                chance.choice((b"", b" ", b"\n", b"%x\n", b" null ", b"endobj ", b"\0"))
                if is_odd and chance.random() < 0.4
                else b"\n"
            )
        if is_odd and chance.random() < 0.3:
            chance.shuffle(numbers)
            within.update({number: (PACKED, index) for index, number in enumerate(numbers)})
        odd = (
            b"%d %d",
            b"%d  %d",
            b"+%d %d",
            b"%d +%d",
            b"%d.0 %d",
            b"0%d 0%d",
            b"%d\0%d",
            b"%d%%x\n%d",
            b"%d %d.0",
            b"%d %d.7",
            b"-%d %d",
            b"%d\n%d",
            b"%d x%d",
            b"%d %d 0 obj",
        )
        head = (
            b" ".join(
                (chance.choice(odd) if is_odd and chance.random() < 0.2 else b"%d %d") % (number, at[number]) for number in numbers
            )
            + b" "
        )
        head += chance.choice((b"", b"%x\n", b"\0", b"null ", b"7 ", b"(")) if is_odd else b""
        first: Value = len(head)
        count: Value = len(numbers)
        if is_odd and chance.random() < 0.5:
            firsts: tuple[Value, ...] = (
                b"%d.0" % len(head),
                b"+%d" % len(head),
                len(head) - 1,
                len(head) + 1,
                b"00%d" % len(head),
                b"%d.9" % len(head),
                b"-%d" % len(head),
            )
            first = chance.choice(firsts)
        if is_odd and chance.random() < 0.4:
            counts: tuple[Value, ...] = (
                len(numbers) + 1,
                len(numbers) - 1,
                b"999999999",
                b"-1",
                b"%d.0" % len(numbers),
                b"null",
                b"+%d" % len(numbers),
                0,
            )
            count = chance.choice(counts)
        keys = Keys(
            [
                ("Type", Name(chance.choice(("ObjStm",) * 6 + ("XObject", "ObjSTM")) if is_odd else "ObjStm")),
                ("N", count),
                ("First", first),
            ]
        )
        if is_odd and chance.random() < 0.2:
            keys.pairs.append(("Extends", Ref(PACKED)))
        content = head + body
        if self._ways.intersection(PACKING_WAYS):
            keys, content = self._packed.of(content, keys)
        elif chance.random() < 0.6:
            content, keys = zlib.compress(content), keys.put("Filter", Name("FlateDecode"))
        return self.written(keys, content, {}) if is_odd else self._plain_stream(keys, content)

    def _plain_stream(self, keys: Keys, content: bytes) -> bytes:
        return self._pen.write(keys.put("Length", len(content))) + b"stream\n" + content + b"\nendstream"
