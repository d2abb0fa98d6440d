"""What readers show for octets that are no letter of a charset, where that is not one U+FFFD for each (WHATWG Encoding).

Promises: linear, never raises.
"""

import codecs
from collections.abc import Callable
from functools import cache

WINDOWS = frozenset(("cp874", *(f"cp{number}" for number in range(1250, 1259))))
PAIRED = frozenset(("big5hkscs", "cp949", "gb18030", "cp932", "euc_jp"))
_PAIRS = "screener.pairs"
_CONTROLS = bytes(range(0x80, 0xA0))


def windows(octets: bytes, name: str) -> str:
    """The text in a charset of Windows: its holes among the controls of ISO 8859 are these controls, which show as nothing."""
    return codecs.charmap_decode(octets, "replace", _table(name))[0]


@cache
def _table(name: str) -> str:
    known = bytes(range(256)).decode(name, "replace")
    return "".join([chr(code) if code in _CONTROLS and letter == "\ufffd" else letter for code, letter in enumerate(known)])


def octets(text: str, name: str) -> bytes:
    """Of what octets `windows` made a text; b"" where it is of none."""
    try:
        return _encoder(name)(text)
    except UnicodeEncodeError:
        return b""


@cache
def _encoder(name: str) -> Callable[[str], bytes]:
    table = codecs.charmap_build(_table(name))
    return lambda text: codecs.charmap_encode(text, "strict", table)[0]


def pairs(octets: bytes, name: str) -> str:
    """The text in a charset of two octets a letter: a pair that is none is one U+FFFD. Python goes on with its second octet."""
    return octets.decode(name, _PAIRS)


def has_controls(octets: bytes) -> bool:
    """Whether there are octets which are controls in ISO 8859 and letters in the charsets of Windows."""
    return len(octets) != len(octets.translate(None, _CONTROLS))


def _pair(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    at = error.start
    lead, trail = error.object[at], error.object[at + 1 : at + 2]
    return "\ufffd", at + (2 if 0x81 <= lead <= 0xFE and trail >= b"\x80" else 1)


codecs.register_error(_PAIRS, _pair)
