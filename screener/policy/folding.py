"""How words are compared: case-folded, what a language writes in several ways in one. Pure."""

from screener.anatomy.text import without_strays

_FOLDED = bytes(ord(" ") if chr(code).isspace() else ord(chr(code).lower()) for code in range(0x80)) + bytes(0x80)
# The same with an octet that is nowhere else in place of what `without_strays` leaves out.
STRAYS_TOLD = bytes(_FOLDED[code] if without_strays(chr(code)) else 0 for code in range(0x80)) + bytes(0x80)
# Written in several ways by the same people: the Turkish i, ё, the Persian letters of Arabic, Greek accents, quotes and hyphens.
_ONE_WAY = dict.fromkeys("‘’‛ʼ׳", "'") | dict.fromkeys("“”„‟״", '"') | dict.fromkeys("‐‑‒–−", "-")
_ONE_WAY |= dict(zip("ıёکیىάέήίϊόύϋώ", "iеكييαεηιιουυω", strict=True)) | {"i\u0307": "i"}  # the last is what İ is folded to


def fold(text: str) -> str:
    """Case-folded, what a language writes in several ways in one, every run of white space one blank: how words are looked for."""
    folded = text.casefold()
    if not _is_latin(folded):
        for written, one in _ONE_WAY.items():  # faster than a pattern
            folded = folded.replace(written, one)
    return " ".join(folded.split())


def _is_latin(text: str) -> bool:
    try:
        text.encode("latin-1")  # as fast as a copy
    except UnicodeEncodeError:
        return False
    return True


def folded_octets(text: str, table: bytes = _FOLDED) -> bytes:
    """`fold` as UTF-8; `table` says what ASCII becomes."""
    if not text.isascii():
        return fold(text).encode("utf-8", "surrogatepass")
    octets = b" ".join(text.encode("ascii").splitlines()).translate(table)  # a line end is two octets: most runs are those
    while b"  " in octets:  # halves every run
        octets = octets.replace(b"  ", b" ")
    return octets.strip(b" ")
