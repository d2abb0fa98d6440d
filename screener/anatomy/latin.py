"""Texts of which nothing proves their charset, read anew: as readers in Central Europe and Turkey have them, and what is too much
to be read from its octets in every charset.

To readers what is not UTF-8 is in the charset of their system, whatever a mail declares or keeps to itself. What a text shows is
turned back into octets, so no page is read twice, and only the lines that read otherwise are told. Promises: linear, bounded by the
ledger.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from screener.anatomy import charset_names, charsets, undecodable
from screener.anatomy.ledger import Ledger
from screener.anatomy.text import Text

_BEYOND_ASCII = re.compile("[^\\x00-\\x7f]")
_READ_IN = "cp1252"  # what says nothing of itself


def further(found: Iterable[Text], octets: bytes, declared: tuple[str, ...], place: str, ledger: Ledger) -> Iterator[Text]:
    """What texts that some octets were read as say otherwise in the charsets of Latin letters, and the ends of long ones in all."""
    if octets.isascii() or charsets.is_utf8(octets) or charsets.is_noise(octets):
        return
    if not any(map(charset_names.says_nothing, declared)):
        return
    as_read = "" if charset_names.codec(declared[0]) == _READ_IN else charsets.as_read(_READ_IN)
    for text in found:
        if not text.text.isascii() and (text.view.startswith(as_read) if as_read else not text.view.startswith(charsets.AS_READ)):
            for otherwise, name in _readings(text.text, charset_names.LATIN_FALLBACKS):
                yield replace(text, text=otherwise, view=charsets.as_read(name))
            if names := ledger.half_guessed.get(place):
                granted = ledger.spend_anew(len(text.text), len(names))
                for otherwise, name in _readings(text.text[len(text.text) - granted :], names):
                    yield replace(text, text=otherwise, view=charsets.as_read(name))


def _readings(text: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The lines of a text that have letters which are others in some charsets, and in which."""
    told: set[str] = set()
    lines = text.split("\n")
    for name in names:
        is_single = _is_single(name)
        differing, table = _differing(name) if is_single else (_BEYOND_ASCII, {})
        concerned = [line for line in lines if differing.search(line) is not None]
        if not concerned:
            continue
        octets = undecodable.octets("\n".join(concerned), _READ_IN)
        if is_single:
            read = undecodable.windows(octets, name) if octets else "\n".join(concerned).translate(table)
        else:  # where letters were written as numbers, the lines without such
            read = (octets or b"\n".join([undecodable.octets(line, _READ_IN) for line in concerned])).decode(name, "replace")
        if read not in told:
            told.add(read)
            yield read, name


@cache
def _is_single(name: str) -> bool:
    """Whether each octet is a letter in a charset."""
    return len(bytes(range(256)).decode(name, "replace")) == 256


@cache
def _differing(name: str) -> tuple[re.Pattern[str], dict[int, str]]:
    """What is a letter in a charset, and another one or none in Windows-1252; and all that is different."""
    every = bytes(range(128, 256))
    pairs = zip(undecodable.windows(every, _READ_IN), undecodable.windows(every, name), strict=True)
    table = {ord(one): other for one, other in pairs if one != other}
    letters = re.escape("".join(chr(one) for one, other in table.items() if other.isalpha()))
    return re.compile(f"[{letters}]" if letters else "(?!)"), table
