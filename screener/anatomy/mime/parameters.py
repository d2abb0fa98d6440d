"""A MIME field's value and parameters (RFC 2045 5.1, RFC 2231), in every way readers take them.

Promises: linear in the length of the field, never raises. Where a field is plain all readings are one and cheap; where quotes,
comments, doubled or continued parameters leave room, `readings` gives each result some reader gets, the likeliest first.
"""

import re
from urllib.parse import unquote_to_bytes

from screener.anatomy import charset_names, charsets
from screener.anatomy.mime import encoded_words, quoting
from screener.anatomy.repeated import repeated

_WORD = r"[A-Za-z0-9!#$&^_.+-]+"
_VALUE = r'(?:"[^"\\;()\x00-\x1f\x7f-\U0010ffff]*+"|[A-Za-z0-9!#$%&\'+./:=?@^_`{|}~-]++)'
_PAIR = rf";[ \t]*+([A-Za-z0-9_-]++)=({_VALUE})[ \t]*+"
_PLAIN = re.compile(rf"({_WORD}(?:/{_WORD})?)[ \t]*+(" + repeated(rf";[ \t]*+[A-Za-z0-9_-]++={_VALUE}[ \t]*+") + r");?[ \t]*")
_PAIRS = re.compile(_PAIR)
_NUMBERED = re.compile(r"([^*]+)\*(\d{1,4})?(\*)?")
_COMMENT = re.compile(r"\([^()]*\)?")
_QUOTED = re.compile(r'"([^"\\]*+' + repeated(r'\\.[^"\\]*+') + r'\\?)("?)(.*)', re.DOTALL)
_BLANK = re.compile(r"[ \t\0]+")
# A parameter wherever it stands: readers that do not insist on the semicolon.
_ANYWHERE = re.compile(r"(?<![A-Za-z0-9_*-])([A-Za-z][A-Za-z0-9_-]*+(?:\*[0-9]*+\*?)?)[ \t]*+=[ \t]*+(?:\"([^\"]*)\"|([^\s;,\"]+))")
_MAX = 200  # readings of the parameters of one field; of more, `cut` tells


class Parameters:
    """The value of a field ("text/plain") and its parameters, in all readings."""

    __slots__ = ("_pairs", "cut", "irregular", "is_plain", "value", "values")

    def __init__(
        self, values: tuple[str, ...], pairs: list[tuple[str, str]] | dict[str, str], irregular: bool, cut: bool = False
    ) -> None:
        self.value = values[0] if values else ""
        self.values = values
        self._pairs = pairs  # a dict where the field is plain
        self.is_plain = isinstance(pairs, dict)  # as it should be, but for what values mean
        self.irregular = irregular
        self.cut = cut  # there are more than are read

    def readings(self, name: str) -> tuple[str, ...]:
        """Every value some reader gives this parameter (name in lower case), the likeliest first; () if it is not there."""
        if isinstance(self._pairs, dict):
            value = self._pairs.get(name)
            if value is None:
                return ()
            if "=?" in value or "%" in value or "''" in value:
                return _gathered([(name, value)], name)
            if value[:1] == "'" == value[-1:] and len(value) > 2:
                return (value, value[1:-1])
            return (value,)
        return _gathered(self._pairs, name)

    def wholes(self, name: str) -> tuple[str, ...]:
        """What readers take for all of a parameter whose sections lack or are doubled (RFC 2231 3), or with blanks and no quotes.

        () where it is as it should be.
        """
        if isinstance(self._pairs, dict):
            return ()
        plain, sections = _parted(self._pairs, name)
        first_words = {one.split()[0]: one for one in plain if " " in one.strip()}
        found = {one: None for word in plain if word in first_words for one in (first_words[word], word)}
        numbers = [number for number, _, _ in sections if number >= 0]
        if sorted(numbers) != list(range(len(numbers))):
            for order in _orders(sections):
                upto = next((at for at, (number, _, _) in enumerate(order) if number != at), len(order))
                found |= dict.fromkeys(_joined(one)[0] for one in (order, order[:upto]) if one)
        return tuple(found)

    def encoded(self, name: str) -> bool:
        """Whether this parameter comes in an RFC 2231 form."""
        return not isinstance(self._pairs, dict) and any(key.startswith(f"{name}*") for key, _ in self._pairs)


_EMPTY = Parameters((), {}, False)


def read(text: str) -> Parameters:
    """The parameters in an unfolded field value."""
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        if not plain[2]:
            return Parameters((plain[1],), {}, False)
        pairs = _PAIRS.findall(plain[2])
        table = {name.lower(): value[1:-1].rstrip() if value[0] == '"' else value for name, value in pairs}
        if len(table) == len(pairs):
            return Parameters((plain[1],), table, False)
    return _EMPTY if not text else _slow(text)


def _slow(text: str) -> Parameters:
    """Each reading splits the field elsewhere: by the RFC, without comments known, without quotes known."""
    splits = [_split(text, quotes=True, comments=True)]
    if "(" in text:
        splits.append(_split(text, quotes=True, comments=False))
    if '"' in text or "(" in text:
        naive = text.split(";")
        if naive not in splits:
            splits.append(naive)
    values: dict[str, None] = {}
    pairs: dict[tuple[str, str], None] = {}
    irregular = len(splits) > 2
    for reading, segments in enumerate(splits):
        values.setdefault(segments[0].strip(" \t\"'"))
        # A field may lack its value and begin with a parameter.
        last = ("", "")
        for segment in segments if "=" in segments[0] else segments[1:]:
            name, equals, value = segment.partition("=")
            name = _COMMENT.sub("", name) if reading == 0 else name
            name = _BLANK.sub("", name).strip("\"'\0").lower()
            if not equals:
                irregular = irregular or bool(name)
                if last[0] and name:
                    # An unquoted value with a semicolon in it: "a.txt;.exe".
                    pairs.setdefault((last[0], f"{last[1].strip()};{segment.strip()}"))
                continue
            last = (name, value)
            for form in _forms(value):
                pairs.setdefault((name, form))
            if len(pairs) > _MAX:
                break
    for match in _ANYWHERE.finditer(text):
        if len(pairs) > _MAX:
            break
        pairs.setdefault((match[1].lower(), match[2] or match[3] or ""))
    cut = len(pairs) > _MAX
    return Parameters(tuple(value for value in values if value) or ("",), list(pairs)[:_MAX], irregular, cut)


def _split(text: str, *, quotes: bool, comments: bool) -> list[str]:
    """The text parted at ";" outside of quotes and comments; comments are left out."""
    segments: list[str] = []
    piece: list[str] = []
    start = depth = 0
    for mark, at, depth in quoting.marks(text, quotes=quotes, comments=comments):
        if mark == ")":
            start = at + 1
        elif depth < 2:
            piece.append(text[start:at])
        if mark == ";":
            segments.append("".join(piece))
            piece.clear()
            start = at + 1
    if not depth:
        piece.append(text[start:])
    segments.append("".join(piece))
    return segments


def _forms(value: str) -> list[str]:
    """A parameter's value as readers unquote it."""
    value = value.strip(" \t\r\n")
    if not value.startswith('"'):
        forms = [value.rstrip('"') if value.count('"') == 1 else value]
        if " " in value or "\t" in value:
            forms.append(value.split()[0])
        if value[:1] == "'" == value[-1:] and len(value) > 1:
            forms.append(value[1:-1])
        if "\\" in value:
            forms.append(value.replace("\\", ""))
        return forms
    match = _QUOTED.match(value)
    inner, tail = (match[1], match[3].strip()) if match is not None else (value[1:], "")
    forms = [inner]
    if "\\" in inner:
        # Readers that keep the backslash see a path, others drop it (RFC 5322 3.2.1).
        forms.insert(0, re.sub(r"\\(.)", r"\1", inner))
    if tail:
        forms.append(inner + tail.replace('"', ""))
    return forms


def _parted(pairs: list[tuple[str, str]], name: str) -> tuple[list[str], list[tuple[int, bool, str]]]:
    """What says a parameter: its plain values, and its sections with number (-1: none) and whether they are coded."""
    plain: list[str] = []
    sections: list[tuple[int, bool, str]] = []
    for key, value in pairs:
        if key == name:
            plain.append(value)
        elif key.startswith(name) and key[len(name) : len(name) + 1] == "*":
            match = _NUMBERED.fullmatch(key)
            number = int(match[2]) if match is not None and match[2] else -1
            sections.append((number, match is None or match[3] is not None or number < 0, value))
    return plain, sections


def _gathered(pairs: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    """All readings of one parameter: extended, continued, plain (RFC 2231 3, 4)."""
    plain, sections = _parted(pairs, name)
    values = [value for order in _orders(sections) for value in _joined(order)] if sections else []
    for value in plain:
        values += encoded_words.readings(value)
        if "%" in value:
            values.append(charsets.text(unquote_to_bytes(value)))
        if value.count("'") >= 2 and value.partition("'")[0].isascii() and charset_names.codec(value.partition("'")[0]):
            values.append(_extended(value)[1])
    if len(sections) > 1:
        values += [_extended(value)[1] if coded else value for _, coded, value in sections]
    found: dict[str, None] = {}
    for value in values:
        found.setdefault(value)
        if "=?" in value:  # in whatever way encoded before, for readers that decode where they read and where they show
            found.setdefault(encoded_words.decode(value))
    return tuple(found)


def _orders(sections: list[tuple[int, bool, str]]) -> list[list[tuple[int, bool, str]]]:
    """The sections by number (of doubled ones the first, the last), and as they stand."""
    if len(sections) == 1:
        return [sections]
    first = {number: section for section in reversed(sections) for number in (section[0],)}
    last = {section[0]: section for section in sections}
    orders = [[table[number] for number in sorted(table) if number >= 0] for table in (first, last)]
    whole = [section for section in sections if section[0] < 0]
    return [*([section] for section in whole), *(order for order in orders if order), sections]


def _joined(order: list[tuple[int, bool, str]]) -> list[str]:
    """The sections as one value: octets joined and then decoded, and each taken plain."""
    charset = ""
    octets: list[bytes] = []
    for number, (_, coded, value) in enumerate(order):
        if coded or (number == 0 and value.count("'") >= 2):
            if number == 0 and value.count("'") >= 2:
                charset, _, value = value.split("'", 2)
            octets.append(unquote_to_bytes(value) if coded else value.encode("utf-8", "replace"))
        else:
            octets.append(value.encode("utf-8", "replace"))
    joined = charsets.text(b"".join(octets), charset)
    raw = "".join(value for _, _, value in order)
    values = [joined, raw] if len(order) > 1 or "'" in raw or "%" in raw else [joined]
    others = (read(b"".join(octets), charset) for read in (charsets.unsaid, charsets.big_endian))
    values += [other for other in others if other != joined]
    if "%" in raw and not all(coded for _, coded, _ in order):
        values.append(charsets.text(unquote_to_bytes(raw)))
    return values


def _extended(value: str) -> tuple[str, str]:
    """charset'language'text, percent-encoded."""
    charset, first, rest = value.partition("'")
    _, second, text = rest.partition("'")
    if not first or not second:
        charset, text = "", value
    return charset, charsets.text(unquote_to_bytes(text), charset)
