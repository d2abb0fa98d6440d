"""From octets to text, in every charset a reader may take: declared, UTF-8, detected, Windows-1252.

Promises: never raises, linear. The only module that knows chardet, which sees a bounded sample.
"""

import re
from collections.abc import Callable

from screener.anatomy import iso2022jp, undecodable, wide
from screener.anatomy.charset_names import codec, is_ascii, iso, lacks_ascii, seven_bit_means_ascii
from screener.frozen import dataclass

_BOMS = ((b"\xef\xbb\xbf", "utf_8"), (b"\xff\xfe", "utf_16_le"), (b"\xfe\xff", "utf_16_be"))
# What switches charsets within ASCII is taken for what it says by readers that detect (RFC 1468, RFC 1557, RFC 1843).
_SWITCHES = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_ext"), (b"\x1b(", "iso2022_jp_ext"), (b"~{", "hz"))
_HIGH = bytes(range(128, 256))
# In next to every text of letters that are not Latin, and in next to none of Latin ones; no-break spaces may be many in any.
_FOREIGN = re.compile(rb"[\x80-\x9f\xa1-\xff]{4}")
_FOREIGN_WORD = re.compile(rb"[\x80-\xff]{2}[^\s<>]*+")
# What texts in letters that are not Latin are in most often: those of the reader's system, to programs that find nothing out.
COMMON = (
    "cp1251", "koi8_u", "cp866", "iso8859_5", "cp1253", "cp1255", "cp1256", "cp874", "gb18030", "big5", "cp932", "euc_jp", "cp949",
)  # fmt: skip
# What may be declared of anything, and can be read as any octets.
_LATIN = frozenset((
    "cp1250", "cp1252", "cp1254", "cp1257", "cp437", "cp850", "iso8859_2", "iso8859_3", "iso8859_4", "iso8859_10", "iso8859_13",
    "iso8859_14", "iso8859_15", "iso8859_16", "mac_roman",
))  # fmt: skip
AS_READ = "read as "  # a charset
_SAMPLE = 8_192
_END = 16  # samples, in which the words of the last one are looked for


@dataclass(frozen=True, slots=True)
class Readings:
    """Every text some octets are, the likeliest first; whether the declared charset is unknown or wrong."""

    texts: tuple[str, ...]
    unknown: bool = False
    wrong: bool = False
    open: bool = False  # whether it is foreign letters of which nothing is said: each reader takes them for its own
    codecs: tuple[str, ...] = ()  # in which each is read; () where there is one, as it is declared or plain ASCII


def samples(octets: bytes, size: int) -> tuple[bytes, ...]:
    """What of octets shows their charset: where letters are foreign, words of these alone, as markup and other languages around
    them mislead; from the beginning, the midst and the end, if they are more."""
    if not is_foreign(octets):
        return (octets[:size],)
    first = _words(octets, 0, size)
    if len(first) < size:
        return (first,)
    last = _words(octets, max(0, len(octets) - _END * size), _END * size)[-size:]
    return (first, _words(octets, len(octets) // 2, size), last)


def _words(octets: bytes, at: int, size: int) -> bytes:
    words: list[bytes] = []
    for word in _FOREIGN_WORD.finditer(octets, at):
        words.append(word[0][:size])
        size -= len(words[-1]) + 1
        if size <= 0:
            break
    return b" ".join(words)


def likely(sampled: tuple[bytes, ...]) -> tuple[str, ...]:
    """The charsets that samples are likely in, none where it cannot be told; takes a millisecond for each."""
    import chardet  # slow to import and seldom needed

    found = [codec(str(chardet.detect(one, prefer_superset=False)["encoding"] or "")) for one in sampled if one]
    return tuple(dict.fromkeys(one for one in found if one))


def detected(octets: bytes) -> tuple[str, ...]:
    """The charsets that octets are likely in."""
    return likely(samples(octets, _SAMPLE))


def readings(octets: bytes, declared: str = "", detect: Callable[[bytes], tuple[str, ...]] = detected) -> Readings:
    """All texts the octets are in the declared charset, those that `detect` finds and those that readers fall back to."""
    name = codec(declared) if declared else ""
    unknown = bool(declared) and not name
    if octets.isascii() and (not name or seven_bit_means_ascii(name)):
        plain = octets.decode("ascii")
        if b"\0" in octets and (by_nuls := wide.by_nuls(octets)):
            return _all([(octets.decode(by_nuls, "replace"), by_nuls), (plain, name or "ascii")], unknown=unknown, wrong=True)
        wider = wide.codecs(octets)
        if not wider and b"\x1b" not in octets and b"~" not in octets:  # single octets are searched for fast
            return Readings((plain,), unknown=unknown)
        others = [*[(octets.decode(one, "replace"), one) for one in wider], *_switched(octets)]
        return _all([(plain, name or "ascii"), *others], unknown=unknown, wrong=bool(wider))
    texts, wrong, is_sure = _declared(octets, name)
    # What is in UTF-16 has NULs, be it for the ends of its lines.
    is_doubtful = b"\0" not in octets and (lacks_ascii(name) or name == "utf_7")
    is_sure = is_sure and not is_doubtful
    late: tuple[str, ...] = ()  # as UTF-8
    utf8: str | None = None
    if name != "utf_8":
        utf8 = _strict(octets, "utf_8")
        if utf8 is not None and all(utf8 != text for text, _ in texts):
            # Octets that are valid UTF-8 beyond ASCII are next to never anything else (RFC 3629 3): the declared charset lies.
            is_lie = bool(name) and seven_bit_means_ascii(name)
            texts.insert(0 if not name or (wrong and is_lie) else len(texts), (utf8, "utf_8"))
            wrong = wrong or is_lie
        elif utf8 is None:
            late = _nearly_utf8(octets)
        is_sure = is_sure or utf8 is not None
    if not is_sure and b"\0" in octets and (by_nuls := wide.by_nuls(octets)):
        texts.append((octets.decode(by_nuls, "replace"), by_nuls))
        is_sure = True
    if name not in wide.DECLARED and (wide_names := wide.codecs(octets)):
        texts += [(octets.decode(one, "replace"), one) for one in wide_names]
        is_sure = True
    if not is_sure:
        texts[:0] = guessed(octets, detect(octets))
        texts.append((undecodable.windows(octets, "cp1252"), "cp1252"))
    elif utf8 is None and _says_nothing(octets, name):
        texts += guessed(octets, detect(octets))
    is_open = utf8 is None and (name in _LATIN or (not name and not is_sure)) and is_foreign(octets) and not is_noise(octets)
    texts += [(one, "utf_8") for one in late]
    if declared and utf8 is None and (literal := _literal(octets, declared)) is not None:
        texts.append(literal)
    if (b"\x1b" in octets or b"~{" in octets) and (is_doubtful or seven_bit_means_ascii(name)):
        texts += _switched(octets)
    return _all(texts, unknown=unknown, wrong=wrong or (name == "cp1252" and is_ascii(declared)), is_open=is_open)


def _all(texts: list[tuple[str, str]], *, unknown: bool, wrong: bool, is_open: bool = False) -> Readings:
    """Each text once, in their order, with the first codec that gives it."""
    found: dict[str, str] = {}
    for text, name in texts:
        found.setdefault(text, name)
    return Readings(tuple(found), unknown, wrong, is_open, tuple(found.values()))


def _declared(octets: bytes, name: str) -> tuple[list[tuple[str, str]], bool, bool]:
    """What octets are by a mark at their beginning, and in the declared charset; whether that is wrong, whether one is right."""
    texts: list[tuple[str, str]] = []
    wrong = is_sure = False
    for bom, marked in _BOMS:
        if octets.startswith(bom):
            texts.append((octets[len(bom) :].decode(marked, "replace"), marked))
            wrong = bool(name) and not marked.startswith(name)
            is_sure = True
            break
    if name:
        strict = _strict(octets, name)
        wrong = wrong or strict is None
        # Readers put U+FFFD for what does not fit, and go on.
        texts.append((_tolerant(octets, name) if strict is None else strict, name))
        if strict is None and name in undecodable.PAIRED:
            texts.append((undecodable.pairs(octets, name), name))
        if name == "utf_16" and not is_sure:
            # Without a mark it is big-endian by RFC 2781 4.3, and little-endian to most.
            texts.append((_tolerant(octets, "utf_16_be"), "utf_16_be"))
        is_sure = is_sure or strict is not None
    return texts, wrong, is_sure


def text(octets: bytes, declared: str = "") -> str:
    """The likeliest reading of short octets (a header's, a name's), without detection."""
    name = codec(declared) if declared else ""
    if name and (strict := _strict(octets, name)) is not None:
        return strict
    utf8 = _strict(octets, "utf_8") if seven_bit_means_ascii(name) else None
    if utf8 is not None:
        return utf8
    nearly = () if name else _nearly_utf8(octets)
    return nearly[0] if nearly else _tolerant(octets, name or "cp1252")


def other(octets: bytes, declared: str, likely: str) -> str:
    """The same in UTF-8, or in a charset that is likely, where the declared one proves nothing and may be wrong, or is unknown."""
    name = codec(declared)
    if b"\0" in octets or not (lacks_ascii(name) or (seven_bit_means_ascii(name) and not octets.isascii())):
        return text(octets, declared)
    utf8 = _strict(octets, "utf_8")
    if utf8 or likely:
        return utf8 or _tolerant(octets, likely)
    literal = _literal(octets, declared)
    return text(octets, declared) if literal is None else literal[0]


def mistaken(text: str, detect: Callable[[bytes], tuple[str, ...]]) -> tuple[str, ...]:
    """What a text that was read in Windows-1252 is in UTF-8 or in the charsets that `detect` finds, if it seems to be foreign."""
    octets = undecodable.octets(text, "cp1252")
    if not is_foreign(octets):
        return ()
    return tuple(one for one, _ in guessed(octets, ("utf_8",) if is_utf8(octets) else detect(octets)) if one != text)


def unsaid(octets: bytes, declared: str) -> str:
    """The text as readers have it that do not know a charset in which no ASCII is ASCII: where octets are none of it."""
    return text(octets, "" if b"\0" not in octets and lacks_ascii(codec(declared)) else declared)


def big_endian(octets: bytes, declared: str) -> str:
    """The text as readers have it for which UTF-16 without a mark is big-endian (RFC 2781 4.3); to most it is little-endian."""
    return text(octets, "utf_16_be" if codec(declared) == "utf_16" and not octets.startswith(wide.MARKS) else declared)


def _literal(octets: bytes, declared: str) -> tuple[str, str] | None:
    """The text in the ISO 8859 that is declared, where most readers take its wider brother: .NET, Python and others do not."""
    name = iso(declared)
    return (octets.decode(name, "replace"), name) if name and undecodable.has_controls(octets) else None


def _nearly_utf8(octets: bytes) -> tuple[str, ...]:
    """The text, if most of what is not ASCII is sound UTF-8: one that was cut, or into which an octet of another got."""
    text = octets.decode("utf_8", "replace")
    odd = text.count("\ufffd")
    sound = len(text) - len(octets.translate(None, _HIGH)) - odd
    return (text,) if sound >= odd else ()


def _strict(octets: bytes, name: str) -> str | None:
    try:
        return _paired(octets.decode(name), name)
    except (UnicodeError, ValueError):
        # WHATWG's Windows-1252 has no holes; Python's refuses five octets, its ISO-2022-JP the letters of Windows.
        if name == "cp1252":
            return undecodable.windows(octets, name)
        if name.startswith("iso2022_jp") and "\ufffd" not in (japanese := iso2022jp.text(octets)):
            return japanese
        return None


def _tolerant(octets: bytes, name: str) -> str:
    """The text with U+FFFD for what does not fit."""
    if name in undecodable.WINDOWS:
        return undecodable.windows(octets, name)
    return iso2022jp.text(octets) if name.startswith("iso2022_jp") else _paired(octets.decode(name, "replace"), name)


def _paired(decoded: str, name: str) -> str:
    """Python's UTF-7 lets single surrogates pass, which no log, store or pipe can take: U+FFFD in their place."""
    return decoded.encode("utf_16_le", "surrogatepass").decode("utf_16_le", "replace") if name == "utf_7" else decoded


def _switched(octets: bytes) -> list[tuple[str, str]]:
    """What ASCII octets are to readers that see another charset switched on in them, and in which."""
    return [(_tolerant(octets, name), name) for name in dict.fromkeys(name for mark, name in _SWITCHES if mark in octets)]


def is_noise(octets: bytes) -> bool:
    """Whether octets are no text in a charset of an octet or two a letter: pictures that are called one."""
    return wide.controls(octets) * 16 > len(octets)


def is_broken(octets: bytes, declared: str) -> bool:
    """Whether octets are none of a charset of pairs that is declared: each pair that is none costs a step."""
    name = codec(declared) if declared else ""
    return name in undecodable.PAIRED and not octets.isascii() and _strict(octets, name) is None


def as_read(name: str) -> str:
    """How people are told in which charset a text was read."""
    return f"{AS_READ}{name.replace('_', '-')}"


def is_utf8(octets: bytes) -> bool:
    """Whether octets are UTF-8, which is proof of it beyond ASCII."""
    return _strict(octets, "utf_8") is not None


def is_foreign(octets: bytes) -> bool:
    """Whether octets seem to be of letters that are not Latin."""
    return _FOREIGN.search(octets) is not None


def _says_nothing(octets: bytes, name: str) -> bool:
    """Whether it proves next to nothing that octets can be read in a charset: they seem to be none of the Latin ones."""
    return name not in ("", "utf_8") and seven_bit_means_ascii(name) and is_foreign(octets)


def guessed(octets: bytes, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The text in each of some charsets."""
    return [(_tolerant(octets, name), name) for name in names]
