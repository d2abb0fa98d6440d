"""Texts in Latin letters of which nothing proves their charset: as readers in Central Europe and Turkey have them.

To these what is not UTF-8 is in the charset of their system, whatever a mail declares or keeps to itself. Only the lines that read
otherwise are told. Promises: pure, linear.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from screener.anatomy import charset_names, charsets, undecodable
from screener.anatomy.text import Text

_READ_IN = "cp1252"  # what says nothing of itself


def further(found: Iterable[Text], octets: bytes, declared: tuple[str, ...]) -> Iterator[Text]:
    """What texts that some octets were read as say otherwise in these charsets."""
    if octets.isascii() or charsets.is_utf8(octets) or charsets.is_noise(octets):
        return
    if not any(map(charset_names.says_nothing, declared)):
        return
    as_read = "" if charset_names.codec(declared[0]) == _READ_IN else charsets.as_read(_READ_IN)
    for text in found:
        if not text.text.isascii() and (text.view.startswith(as_read) if as_read else not text.view.startswith(charsets.AS_READ)):
            for otherwise, name in _readings(text.text):
                yield Text(text.place, text.kind, otherwise, charsets.as_read(name))


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a text that have letters which are others in these charsets, and in which."""
    told: set[str] = set()
    for name in charset_names.LATIN_FALLBACKS:
        differing, table = _differing(name)
        lines = "\n".join([line for line in text.split("\n") if differing.search(line) is not None])
        if lines:
            octets = undecodable.octets(lines, _READ_IN)
            read = undecodable.windows(octets, name) if octets else lines.translate(table)
            if read not in told:
                told.add(read)
                yield read, name


@cache
def _differing(name: str) -> tuple[re.Pattern[str], dict[int, str]]:
    """What is a letter in a charset, and another one or none in Windows-1252; and all that is different."""
    every = bytes(range(128, 256))
    pairs = zip(undecodable.windows(every, _READ_IN), undecodable.windows(every, name), strict=True)
    table = {ord(one): other for one, other in pairs if one != other}
    return re.compile("[" + re.escape("".join(chr(one) for one, other in table.items() if other.isalpha())) + "]"), table
