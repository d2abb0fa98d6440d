"""Fonts of a PDF made at random, and the ways in which they tell their letters (ISO 32000-1 9.5 to 9.10)."""

import random
from collections.abc import Callable
from dataclasses import dataclass

WIDTHS = dict(zip("nightjarfely so", (556, 222, 556, 556, 278, 222, 556, 333, 278, 556, 222, 500, 278, 500, 556), strict=True))
_NAMES = {" ": "space"}
_LATIN = b"<</Type/Font/Subtype/%b/BaseFont/%b%b>>"
_HELVETICA = (b"Helvetica", b"Times-Roman", b"Courier", b"ABCDEF+Helvetica", b"Unknown")
_CODED = (  # predefined maps of codes (table 118), and how Python calls them
    *(
        (b"90ms-RKSJ-H", "cp932", b"Japan1"),
        (b"EUC-H", "euc_jp", b"Japan1"),
        (b"GBK-EUC-H", "gbk", b"GB1"),
        (b"GB-EUC-H", "gb2312", b"GB1"),
    ),
    *((b"ETen-B5-H", "big5", b"CNS1"), (b"KSCms-UHC-H", "cp949", b"Korea1"), (b"UniJIS-UTF16-H", "utf-16-be", b"Japan1")),
    *((b"UniGB-UCS2-H", "utf-16-be", b"GB1"), (b"UniJIS-UTF8-H", "utf-8", b"Japan1"), (b"UniJIS-UTF32-H", "utf-32-be", b"Japan1")),
)
_WITHIN = b"<</Type/Font/Subtype/CIDFontType0/BaseFont/F/CIDSystemInfo<</Registry(Adobe)/Ordering(%b)/Supplement 0>>/DW 1000%b>>"

Add = Callable[[bytes], int]


@dataclass
class Font:
    """The number of its object, how it writes letters, and what each takes in width."""

    number: int
    encode: Callable[[str], bytes]
    width: Callable[[str], float]
    kind: str


def stream(keys: bytes, content: bytes) -> bytes:
    """A stream as it should be."""
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (keys, len(content), content)


def _latin_width(letter: str) -> float:
    return WIDTHS.get(letter, 556)


def plain(_chance: random.Random, add: Add) -> Font:
    """Helvetica, as every program has it."""
    return Font(add(_LATIN % (b"Type1", b"Helvetica", b"")), str.encode, _latin_width, "plain")


def latin(chance: random.Random, add: Add) -> Font:
    """One with an encoding that has a name."""
    encodings = (
        b"",
        b"/Encoding/WinAnsiEncoding",
        b"/Encoding/MacRomanEncoding",
        b"/Encoding/StandardEncoding",
        b"/Encoding/Bogus",
        b"/Encoding null",
        b"/Encoding %d 0 R" % add(b"/WinAnsiEncoding"),
    )
    return Font(
        add(_LATIN % (chance.choice((b"Type1", b"TrueType")), chance.choice(_HELVETICA), chance.choice(encodings))),
        str.encode,
        _latin_width,
        "latin",
    )


def differences(chance: random.Random, add: Add, more: bytes = b"") -> Font:
    """One whose codes are others, by names of glyphs."""
    code = chance.choice((1, 33, 65, 129, 200))
    codes: dict[str, int] = {}
    listed: list[bytes] = []
    separator = chance.choice((b"", b" ", b"\n", b"%x\n", b"\0"))
    letters = [*WIDTHS]
    chance.shuffle(letters)
    for letter in letters:
        step = chance.choice((0, 0, 0, 3))
        code += step
        if step or not listed:
            listed.append(chance.choice((b" %d", b" 0%d", b" +%d", b" %d.0")) % code)
        name = _NAMES.get(letter, letter)
        odd = (
            name,
            name,
            name,
            f"uni{ord(letter):04X}",
            f"u{ord(letter):04X}",
            f"{name}.alt",
            name.replace("n", "#6e"),
            f"u{ord(letter):05X}",
        )
        listed.append(b"/" + chance.choice(odd).encode())
        codes[letter] = code
        code += 1
    listing = b"[" + separator.join(listed) + b"]"
    listing = chance.choice((b"%b", b" %d 0 R" % add(listing))).replace(b"%b", listing)
    encoding = b"<<%b/Differences%b>>" % (chance.choice((b"", b"/Type/Encoding", b"/BaseEncoding/MacRomanEncoding")), listing)
    encoding = chance.choice((b"%b", b" %d 0 R" % add(encoding))).replace(b"%b", encoding)
    number = add(_LATIN % (b"Type1", b"Helvetica", b"/Encoding" + encoding + more))
    return Font(number, lambda text: bytes(codes.get(letter, 32) for letter in text), _latin_width, "differences")


def type3(chance: random.Random, add: Add) -> Font:
    """One whose glyphs are drawn; those may draw text themselves."""
    base = add(_LATIN % (b"Type1", b"Helvetica", b""))
    does_draw = chance.random() < 0.7
    by_glyph = {}
    for letter in WIDTHS:
        drawn = b"BT /F0 1000 Tf (%b) Tj ET" % letter.encode() if does_draw else b"0 0 500 700 re f"
        by_glyph[letter] = add(stream(b"", b"%d 0 0 0 1000 1000 d1 " % WIDTHS[letter] + drawn))
    is_named = chance.random() < 0.5  # by their letters
    names = {letter: _NAMES.get(letter, letter) if is_named else f"g{at}" for at, letter in enumerate(WIDTHS)}
    glyphs = b"".join(b"/%b %d 0 R" % (names[letter].encode(), number) for letter, number in by_glyph.items())
    listed = b"65" + b"".join(b"/" + names[letter].encode() for letter in WIDTHS)
    number = add(
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 0]/CharProcs<<%b>>"
        b"/Encoding<</Differences[%b]>>/FirstChar 65/LastChar %d/Widths[%b]/Resources<</Font<</F0 %d 0 R>>>>>>"
        % (glyphs, listed, 64 + len(WIDTHS), b" ".join(b"%d" % width for width in WIDTHS.values()), base)
    )
    codes = {letter: 65 + at for at, letter in enumerate(WIDTHS)}
    return Font(number, lambda text: bytes(codes[letter] for letter in text), _latin_width, "type3")


def whole_glyph(chance: random.Random, add: Add) -> Font:
    """A glyph that draws a word; what is shown is one letter."""
    base = add(_LATIN % (b"Type1", b"Helvetica", b""))
    glyph = add(stream(b"", b"9000 0 d0 BT /F0 1000 Tf (the nightjar firefly) Tj ET"))
    number = add(
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9000 1000]/FontMatrix[.001 0 0 .001 0 0]/CharProcs<</x %d 0 R>>"
        b"/Encoding<</Differences[65/x]>>/FirstChar 65/LastChar 65/Widths[9000]%b>>"
        % (
            glyph,
            chance.choice(
                (b"/Resources<</Font<</F0 %d 0 R>>>>" % base, b"/Resources %d 0 R" % add(b"<</Font<</F0 %d 0 R>>>>" % base))
            ),
        )
    )
    return Font(number, lambda _: b"A", lambda _: 1200, "whole glyph")


def _map(chance: random.Random, codes: dict[str, int], size: int) -> bytes:
    """A map to Unicode."""

    def code(number: int) -> bytes:
        return b"<%0*x>" % (2 * size, number)

    def letter(one: str) -> bytes:
        return b"<" + one.encode("utf-16-be").hex().encode() + b">"

    head = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        b"1 begincodespacerange %b %b endcodespacerange\n" % (code(0), code((1 << 8 * size) - 1))
    )
    pairs = sorted(codes.items(), key=lambda one: one[1])
    gap = chance.choice((b" ", b"", b"\n", b"%x\n", b"  "))
    match chance.randrange(5):
        case 0:
            body = b"%d beginbfchar\n" % len(pairs) + b"\n".join(code(at) + gap + letter(one) for one, at in pairs) + b"\nendbfchar"
        case 1:
            body = (
                b"%d beginbfrange\n" % len(pairs)
                + b"\n".join(code(at) + gap + code(at) + gap + letter(one) for one, at in pairs)
                + b"\nendbfrange"
            )
        case 2:
            body = (
                b"1 beginbfrange\n"
                + code(pairs[0][1])
                + gap
                + code(pairs[-1][1])
                + gap
                + b"["
                + gap.join(letter(one) for one, _ in pairs)
                + b"]\nendbfrange"
            )
        case 3:
            body = b"\n".join(b"1 beginbfchar " + code(at) + gap + letter(one) + b" endbfchar" for one, at in pairs)
        case _:
            body = b"9 beginbfchar\n" + b"\n".join(code(at) + gap + letter(one).upper() for one, at in pairs)
    return head + body + b"\nendcmap end end"


def composite(chance: random.Random, add: Add) -> Font:
    """One with codes of two octets and a map to Unicode."""
    first = chance.choice((1, 79, 300, 0x4E00))
    codes = {letter: first + at for at, letter in enumerate(WIDTHS)}
    widths = b"/W[%d[%b]]" % (first, b" ".join(b"%d" % width for width in WIDTHS.values()))
    within = add(_WITHIN % (b"Identity", widths))
    told = add(stream(b"", _map(chance, codes, 2)))
    encoding = chance.choice(
        (b"/Identity-H",) * 3
        + (
            b"/Identity-V",
            b" %d 0 R"
            % add(
                stream(
                    b"/Type/CMap/CMapName/X",
                    b"begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange "
                    b"1 begincidrange <0000> <ffff> 0 endcidrange endcmap",
                )
            ),
        )
    )
    number = add(
        b"<</Type/Font/Subtype/Type0/BaseFont/F/Encoding%b/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>" % (encoding, within, told)
    )
    return Font(number, lambda text: b"".join(codes[one].to_bytes(2, "big") for one in text), _latin_width, "composite")


def own_map(chance: random.Random, add: Add) -> Font:
    """One with codes of one octet by a map of its own to those of another."""
    codes = {letter: 40 + at for at, letter in enumerate(WIDTHS)}
    size = chance.choice((1, 1, 2, 3))
    listed = b" ".join(b"<%0*x> %d" % (2 * size, code, ord(letter) - 31) for letter, code in codes.items())
    spaces = b"1 begincodespacerange <%b> <%b> endcodespacerange" % (b"00" * size, b"ff" * size)
    cmap = b"begincmap %b %d begincidchar %b endcidchar endcmap" % (spaces, len(codes), listed)
    within = add(_WITHIN % (chance.choice((b"Identity", b"Japan1")), b""))
    told = b"/ToUnicode %d 0 R" % add(stream(b"", _map(chance, codes, size)))
    number = add(
        b"<</Type/Font/Subtype/Type0/BaseFont/F/Encoding %d 0 R/DescendantFonts[%d 0 R]%b>>"
        % (add(stream(b"/Type/CMap/CMapName/X", cmap)), within, chance.choice((told, told, b"")))
    )
    return Font(
        number, lambda text: b"".join(codes[one].to_bytes(size, "big") for one in text), lambda _: 1000, f"own map of {size}"
    )


def coded(chance: random.Random, add: Add) -> Font:
    """One whose codes are those of a charset, or the numbers of a collection's letters."""
    encoding, charset, ordering = chance.choice(_CODED)
    if chance.random() < 0.3:
        encoding, charset = b"Identity-H", ""
    within = add(_WITHIN % (ordering, b"/W[1[%b]]" % b" ".join(b"%d" % WIDTHS.get(chr(31 + at), 556) for at in range(1, 96))))
    number = add(b"<</Type/Font/Subtype/Type0/BaseFont/F/Encoding/%b/DescendantFonts[%d 0 R]>>" % (encoding, within))
    if charset:
        return Font(number, lambda text: text.encode(charset), lambda _: 1000, f"coded {encoding.decode()}")
    return Font(
        number,
        lambda text: b"".join((ord(one) - 31).to_bytes(2, "big") for one in text),
        _latin_width,
        f"collection {ordering.decode()}",
    )


def mapped(chance: random.Random, add: Add) -> Font:
    """One with codes of one octet and a map to Unicode."""
    codes = {letter: 65 + at for at, letter in enumerate(WIDTHS)}
    told = add(stream(b"", _map(chance, codes, chance.choice((1, 1, 2)))))
    number = add(_LATIN % (chance.choice((b"TrueType", b"Type1")), b"ABCDEF+X", b"/ToUnicode %d 0 R" % told))
    return Font(number, lambda text: bytes(codes[one] for one in text), _latin_width, "mapped")


FONTS = (plain, plain, plain, latin, differences, type3, whole_glyph, composite, own_map, coded, mapped)
