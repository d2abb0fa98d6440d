"""ISO-2022-JP as Windows writes it: rows that JIS X 0208 leaves free have its letters (①, ㈱, 髙; WHATWG Encoding, index jis0208).

Promises: linear, never raises; U+FFFD for what does not fit.
"""

import re

_SWITCH = re.compile(rb"(\x1b(?:\([BJI]|\$(?:[@AB]|\([A-Z])))")
_SINGLE = (b"\x1b(B", b"\x1b(J")  # to ASCII, or nearly
_DOUBLE = (b"\x1b$B", b"\x1b$@")  # to JIS X 0208
_PAIR = re.compile(rb"[!-~]{2}")
_CODEC = "iso2022_jp_ext"  # Python's, which has the most charsets


def text(octets: bytes) -> str:
    """The text, stretch by stretch: Python's codec where that knows all letters."""
    first, *switched = _SWITCH.split(octets)
    found = [first.decode("ascii", "replace")]
    for switch, letters in zip(switched[::2], switched[1::2], strict=True):
        if switch in _SINGLE:
            found.append(letters.decode("ascii", "replace"))
            continue
        try:
            found.append((switch + letters).decode(_CODEC))
        except UnicodeError:
            if switch in _DOUBLE:
                found.append(_PAIR.sub(_shifted, letters).decode("cp932", "replace"))
            else:
                found.append((switch + letters).decode(_CODEC, "replace"))
    return "".join(found)


def _shifted(pair: re.Match[bytes]) -> bytes:
    """A letter of JIS X 0208 in Shift_JIS."""
    row, cell = pair[0]
    trail = cell + 0x7E if row % 2 == 0 else cell + 0x1F + (cell > 0x5F)
    return bytes(((row + 1 >> 1) + (0x70 if row < 0x5F else 0xB0), trail))
