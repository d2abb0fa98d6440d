"""A word drawn on a page in pieces, with fonts set oddly, and among letters that nobody may see; known by `drawn`."""

import random

from fakes.pdfs.lettering import Font, stream

WORDS = ("nightjar", "firefly")


class Drawer:
    """What is drawn, and the objects that it needs."""

    def __init__(self, chance: random.Random, ways: set[str]) -> None:
        self._chance = chance
        self._ways = ways
        self._told = sorted(ways)
        self._seed = chance.random()
        self._objects: dict[int, bytes] = {}
        self._next = 10
        self._word = chance.choice(WORDS)
        self._fonts: dict[bytes, Font] = {}
        self._more = b""  # of resources
        self._catalog = b""
        self._page = b""

    def add(self, body: bytes) -> int:
        """Another object."""
        self._next += 1
        self._objects[self._next] = body
        return self._next

    def _tell(self, what: str) -> None:
        self._told.append(what)

    def _does(self, way: str) -> bool:
        return way in self._ways

    def _string(self, octets: bytes) -> bytes:
        chance = self._chance
        if chance.random() < 0.25:
            digits = octets.hex().encode()
            if self._does("syntax"):
                at = chance.randrange(len(digits) + 1)
                digits = digits[:at] + chance.choice((b" ", b"\n", b"\0", b"z", b"%", b"")) + digits[at:]
            return b"<" + digits + b">"
        out = bytearray(b"(")
        for octet in octets:
            one = bytes((octet,))
            if one in b"()\\" or octet in (10, 13):
                out += b"\\%03o" % octet
            elif self._does("syntax") and chance.random() < 0.2:
                out += chance.choice((b"\\%03o" % octet, b"\\\n" + one, b"\\\r\n" + one, b"\\%03o" % (octet + 256)))
            else:
                out += one
        return bytes(out) + b")"

    def _text(self, font: Font) -> bytes:
        """The word, drawn in pieces."""
        chance = self._chance
        text = self._word if self._does("pieces") or self._does("hidden") or chance.random() < 0.5 else f"so {self._word} so"
        if font.kind == "whole glyph":
            text = "n"
        size = chance.choice((12.0, 12.0, 10.0, 24.0))
        body, needs = self._pieces(font, text, size) if not self._does("hidden") else self._hidden(font, text, size)
        matrix = b"72 600 Td "
        if self._does("matrix") and not self._does("hidden"):
            matrices = (
                *(
                    b"1 0 0 1 72 600 Tm ",
                    b"0 1 -1 0 300 300 Tm ",
                    b"-1 0 0 -1 300 300 Tm ",
                    b"-1 0 0 1 300 300 Tm ",
                    b"1 0 0 -1 72 600 Tm ",
                    b".7 .7 -.7 .7 72 300 Tm ",
                ),
                *(
                    b"1 .3 0 1 72 300 Tm ",
                    b"1e0 0 0 1 72 600 Tm ",
                    b"10 10 Td 62 590 Td ",
                    b"72 600 TD ",
                    b"1 0 0 1 0 0 Tm 72 600 Td ",
                ),
            )
            matrix = chance.choice(matrices)
        set_font = b"/F1 %g Tf " % size
        before = b""
        if self._does("matrix") and chance.random() < 0.6:
            scale = chance.choice((0.01, 0.001, 0.1, 1, 100, 10_000, -1, 0.0001))
            kind = chance.randrange(4)
            self._tell(f"scaled {scale} by {kind}")
            if kind == 0:  # a font of another size, scaled by the matrix
                set_font, matrix = b"/F1 %.6f Tf " % (size / scale), b"%.8f 0 0 %.8f 72 600 Tm " % (scale, scale)
            elif kind == 1:
                before, set_font, matrix = b"%.8f 0 0 %.8f 72 600 cm " % (scale, scale), b"/F1 %.6f Tf " % (size / scale), b""
            elif kind == 2:
                before = b"1 0 0 -1 0 792 cm .5 0 0 .5 0 0 cm q "
                matrix = b"2 0 0 -2 72 600 Tm "
            else:
                before, set_font, matrix = (
                    b"%.8f 0 0 %.8f 0 0 cm %.8f 0 0 %.8f 0 0 cm " % (scale, scale, 1 / scale, 1 / scale),
                    set_font,
                    matrix,
                )
        if needs == "absolute":
            return before + set_font + body if before and scale == 1 else set_font + body
        if self._does("setting"):
            set_font = self._setting(size)
        order = [set_font, matrix]
        chance.shuffle(order)
        return before + b"BT " + b"".join(order) + body + b" ET"

    def _setting(self, size: float) -> bytes:
        chance = self._chance
        state = self.add(b"<</Type/ExtGState/Font[%d 0 R %g]>>" % (self._fonts[b"F1"].number, size))
        self._more += b"/ExtGState<</G1 %d 0 R>>" % state
        ways = (
            *(
                b"/F1 %g Tf ",
                b"/G1 gs ",
                b"/F1 -%g Tf ",
                b"/F2 9 Tf q /F1 %g Tf ",
                b"q /F2 9 Tf Q /F1 %g Tf ",
                b"/F1 %g Tf ET BT 72 500 Td ",
                b"/F#31 %g Tf ",
                b"/F1 %g  Tf ",
                b"/F1 %g-Tf ",
            ),
            *(
                b"/F1 %gTf ",
                b"/F1%%x\n%g%%y\nTf ",
                b"/F1 +%g Tf ",
                b"/F1 --%g Tf ",
                b"/F1 %g.0.0 Tf ",
                b"/F1 0 %g Tf ",
                b"/F1 Tf %g ",
                b"/Nope %g Tf ",
                b"/F1 (x) %g Tf ",
                b"/F1 null %g Tf ",
            ),
            *(
                b"/F1 /F1 %g Tf ",
                b"/F1 %g 9 Tf ",
                b"%g /F1 %g Tf ",
                b"/F1 1 Tf %g 0 0 %g 72 600 Tm ",
                b"/F1 [%g] Tf ",
                b"/F1 0%g Tf ",
                b"/F1 %g Tf 1 Tr ",
                b"/F1 %g Tf 2 Tr ",
            ),
            *(
                b"/F1 %g Tf 3 Tr 0 Tr ",
                b"/F1 %g Tf -1 Tr ",
                b"/F1 %g Tf 8 Tr ",
                b"/F1 %g Tf 5 Tr ",
                b"/F1 %g Tf 0 Tz ",
                b"/F1 %g Tf -100 Tz ",
                b"/F1 %g Tf 5 Tc ",
                b"/F1 %g Tf -3 Tc ",
            ),
            *(
                b"/F1 0 Tf ",
                b"q /F1 %g Tf Q ",
                b"/F1 %g Tf /G9 gs ",
                b"/F1 .%g Tf ",
                b"/F1 %ge0 Tf ",
                b"/F1 %g Tf %%(\n",
                b"/F1\0%g\0Tf\0",
                b"/F1 9999 Tf ",
                b"/F1 .01 Tf ",
            ),
        )
        way = chance.choice(ways)
        self._tell(way.decode("latin-1").strip())
        return way.replace(b"%g", b"%g" % size).replace(b"%%", b"%")

    def _pieces(self, font: Font, text: str, size: float) -> tuple[bytes, str]:
        chance = self._chance
        kind = (
            chance.choice(("whole", "kerned", "lines", "steps", "absolute", "cm", "forms", "parts", "spaced", "fonts", "named"))
            if self._does("pieces")
            else "whole"
        )
        self._tell(kind)
        parts = self._cut(text)
        match kind:
            case "kerned":
                kerning = (
                    b"",
                    b" -20 ",
                    b"10",
                    b" -120",
                    b" 0 ",
                    b"-1.5",
                    b" .5 ",
                    b" -.5",
                    b" 1 -1",
                    b" -600 600 ",
                    b" -5 -5 ",
                    b" --20 ",
                )
                return b"[" + b"".join(self._string(font.encode(part)) + chance.choice(kerning) for part in parts) + b"] TJ", ""
            case "lines":
                shows = (b"T* %b Tj ", b"%b ' ", b'0 0 %b " ', b"0 Tw 0 Tc %b ' ")
                leading = chance.choice((b"0 TL ", b"14 TL ", b"-14 TL ", b""))
                return leading + b"".join(
                    chance.choice(shows).replace(b"%b", self._string(font.encode(part))) for part in parts
                ), ""
            case "steps":
                out, last = [], 0.0
                for part in parts:
                    out.append(chance.choice((b"%.3f 0 Td ", b"%.3f 0 TD ")) % last + self._string(font.encode(part)) + b" Tj ")
                    last = self._width(font, part, size)
                return b"".join(out), ""
            case "absolute" | "cm":
                out, across = [], 72.0
                for part in parts:
                    where = (
                        b"BT /F1 %g Tf 1 0 0 1 %.3f 600 Tm %b Tj ET "
                        if kind == "absolute"
                        else b"q 1 0 0 1 %.3f 600 cm BT /F1 %g Tf %b Tj ET Q "
                    )
                    values = (size, across) if kind == "absolute" else (across, size)
                    out.append(where % (*values, self._string(font.encode(part))))
                    across += self._width(font, part, size)
                if chance.random() < 0.6:
                    self._tell("in any order")
                    chance.shuffle(out)
                return b"".join(out), "absolute"
            case "forms":
                out, across = [], 72.0
                names = b""
                resources = b"/Resources<</Font<</F1 %d 0 R>>>>" % font.number
                for at, part in enumerate(parts):
                    form = self.add(
                        stream(
                            b"/Type/XObject/Subtype/Form/BBox[0 -50 900 50]" + resources,
                            b"BT /F1 %g Tf %b Tj ET" % (size, self._string(font.encode(part))),
                        )
                    )
                    names += b"/P%d %d 0 R" % (at, form)
                    out.append(b"q 1 0 0 1 %.3f 600 cm /P%d Do Q " % (across, at))
                    across += self._width(font, part, size)
                self._more += b"/XObject<<%b>>" % names
                return b"".join(out), "absolute"
            case "parts":
                between = (
                    b" ",
                    b" 0 0 Td ",
                    b" ET BT 72 600 Td ",
                    b" 0 Tw ",
                    b" 1 0 0 rg ",
                    b" /F1 12 Tf ",
                    b" q Q ",
                    b" 2 Ts ",
                    b" -2 Ts ",
                    b" 100 Tz ",
                    b" 0 -3 Td ",
                    b" .5 0 Td ",
                )
                return b"".join(self._string(font.encode(part)) + b" Tj" + chance.choice(between) for part in parts), ""
            case "spaced":
                by = chance.choice((1, 3, -0.5, 0.2, 6))
                return b"%g Tc %b Tj" % (by, self._string(font.encode(text))), ""
            case "fonts":
                out = []
                for at, part in enumerate(parts):
                    name = b"F1" if at % 2 else b"F2"
                    out.append(b"/%b %g Tf %b Tj " % (name, size, self._string(self._fonts[name].encode(part))))
                return b"".join(out), ""
            case "named":  # words that stand for what is drawn
                said = self._word.encode()
                properties = chance.choice(
                    (
                        b"/Span<</ActualText(%b)>>BDC ",
                        b"/Span<</ActualText<feff%b>>>BDC ",
                        b"/Span/MC0 BDC ",
                        b"/Span<</Lang(en)/ActualText(%b)>> BDC ",
                        b"/Span<</Alt(%b)>>BDC ",
                        b"/Span<</E(%b)>>BDC ",
                    )
                )
                properties = properties.replace(
                    b"%b", said.decode().encode("utf-16-be").hex().encode() if b"feff" in properties else said
                )
                self._more += b"/Properties<</MC0 %b>>" % chance.choice(
                    (b"<</ActualText(%b)>>" % said, b"%d 0 R" % self.add(b"<</ActualText(%b)>>" % said))
                )
                self._tell(properties.decode())
                return properties + chance.choice((b"", self._string(font.encode("so")) + b" Tj ")) + b"EMC " + chance.choice(
                    (b"", self._string(font.encode(" so")) + b" Tj")
                ), ""
        return self._string(font.encode(text)) + b" Tj", ""

    def _cut(self, text: str) -> list[str]:
        chance = self._chance
        cuts = (
            sorted(chance.sample(range(1, len(text)), min(len(text) - 1, chance.choice((1, 1, 2, 3, 7))))) if len(text) > 1 else []
        )
        return [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    @staticmethod
    def _width(font: Font, text: str, size: float) -> float:
        return sum(map(font.width, text)) * size / 1000

    def _hidden(self, font: Font, text: str, size: float) -> tuple[bytes, str]:
        """Letters nobody sees among those of the word."""
        chance = self._chance
        clip = b"q 0 0 1 1 re W n "
        self._more += b"/ExtGState<</G0 %d 0 R>>" % self.add(b"<</ca 0/CA 0>>")
        layer = self.add(b"<</Type/OCG/Name(x)>>")
        self._more += (
            b"/Properties<</OC0 %d 0 R>>/ColorSpace<<"
            b"/Sep[/Separation/None/DeviceGray<</FunctionType 2/Domain[0 1]/C0[1]/C1[0]/N 1>>]/Cal[/CalGray<</WhitePoint[1 1 1]>>]"
            b"/Icc[/ICCBased %d 0 R]/Ind[/Indexed/DeviceRGB 1<ffffff000000>]>>"
        ) % (layer, self.add(stream(b"/N 3/Alternate/DeviceRGB", b"x")))
        self._catalog += b"/OCProperties<</OCGs[%d 0 R]/D<</OFF[%d 0 R]>>>>" % (layer, layer)
        ways = (
            *(
                (b"q 3 Tr %s Q "),
                (b"q 7 Tr %s Q "),
                (b"q 1 g %s Q "),
                (b"q 1 1 1 rg %s Q "),
                (b"q 0 0 0 0 k %s Q "),
                (b"q 2 g %s Q "),
                (b"q 1 1 5 rg %s Q "),
                (b"q /DeviceRGB cs 1 1 1 sc %s Q "),
            ),
            *(
                (b"q /Cal cs 1 sc %s Q "),
                (b"q /Icc cs 1 1 1 scn %s Q "),
                (b"q /Ind cs 0 sc %s Q "),
                (b"q /Sep cs 1 scn %s Q "),
                (b"q /G0 gs %s Q "),
                (b"/OC/OC0 BDC %s EMC "),
                (clip + b"%s Q "),
            ),
            *(
                (b"q .999 g %s Q "),
                (b"q 1.0 1.000 1 rg %s Q "),
                (b"q .0001 0 0 .0001 0 0 cm %s Q "),
                (b"q 1 0 0 1 -5000 0 cm %s Q "),
                (b"q 1 g 1 G 2 Tr %s Q "),
                (b"q 1 G 1 Tr %s Q "),
                (b"q -1 0 0 0 k %s Q "),
            ),
            *(
                (b"tiny %s"),
                (b"narrow %s"),
                (b"away %s"),
                (b"zero %s"),
                (b"flat %s"),
                (b"covered %s"),
                (b"q /Pattern cs %s Q "),
                (b"q 1 g\n%s Q "),
                (b"q 1 g 0 G %s Q "),
                (b"q 0 g 1 g %s Q "),
                (b"q 3.0 Tr %s Q "),
                (b"q +3 Tr %s Q "),
            ),
        )
        way = chance.choice(ways)
        self._tell("hidden: " + way.decode())
        parts, out, across = self._cut(text), [], 72.0
        for at, part in enumerate(parts):
            width = self._width(font, part, size)
            out.append(b"BT /F1 %g Tf 1 0 0 1 %.3f 600 Tm %b Tj ET " % (size, across, self._string(font.encode(part))))
            across += width
            if at == len(parts) - 1:
                break
            decoy = self._string(font.encode(chance.choice(("so", "s", "oes"))))
            shown = b"BT /F1 %g Tf 1 0 0 1 %.3f 600 Tm %b Tj ET " % (size, across, decoy)
            if way.startswith(b"tiny"):
                shown = b"BT /F1 .05 Tf 1 0 0 1 %.3f 600 Tm %b Tj ET " % (across, decoy)
            elif way.startswith(b"narrow"):
                shown = b"BT 0 Tz /F1 %g Tf 1 0 0 1 %.3f 600 Tm %b Tj 100 Tz ET " % (size, across, decoy)
            elif way.startswith(b"away"):
                shown = b"BT /F1 %g Tf 1 0 0 1 %.3f 600 Tm -5000 0 Td %b Tj ET " % (size, across, decoy)
            elif way.startswith(b"zero"):
                shown = b"BT /F1 0 Tf 1 0 0 1 %.3f 600 Tm %b Tj ET " % (across, decoy)
            elif way.startswith(b"flat"):
                shown = b"BT /F1 %g Tf 1 0 0 .001 %.3f 600 Tm %b Tj ET " % (size, across, decoy)
            elif way.startswith(b"covered"):
                shown += b"q 1 g %.3f 590 30 30 re f Q " % across
            else:
                shown = way.replace(b"%s", shown)
            out.append(shown)
        return b"".join(out), "absolute"
