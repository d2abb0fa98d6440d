"""The text that RTF shows (RTF 1.9.1), as far as words are looked for: control words gone, characters decoded, font lists left out.

What stands elsewhere on the page (notes, comments, text boxes, watermarks) comes last, so that it parts no word; where fonts have
charsets of their own, or a page of HTML is wrapped (MS-OXRTFEX), that is one more reading. Promises: linear, never raises; the
reading in steps, which knows hidden text and how many characters stand for one in Unicode, is bounded by the ledger. Files in RTF
are `objects`'.
"""

import re
from itertools import islice

from screener.anatomy import charset_names
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger
from screener.anatomy.office import unseen
from screener.anatomy.repeated import repeated
from screener.anatomy.rtf import unseen as rtf_unseen
from screener.anatomy.rtf import words

_LEVELS = 7  # of groups in a group that are looked through at once
_FLAT = r"[^{}\\]*+" + repeated(r"\\.[^{}\\]*+")


def _nested(levels: int) -> str:
    """What stands in a group, with groups in it. A search that finds no end goes no further than so many levels."""
    content = _FLAT
    for _ in range(levels):
        content = _FLAT + repeated(rf"\{{{content}\}}{_FLAT}")
    return content


_CONTENT = _nested(_LEVELS)
# Groups that show nothing: those a reader need not know, and the tables. What lies in them in groups of its own goes with them.
_SILENT_START = re.compile(
    r"\{[\r\n]*+\\(?:\*[\r\n]*+\\(?!(?:annotation|shpinst|ud|do)(?![a-zA-Z]))[a-zA-Z]{1,32}|"
    r"(?:fonttbl|colortbl|stylesheet|info|pict|objdata|objclass|sp|xe|tc)(?![a-zA-Z]))"
)
_SILENT = re.compile(rf"{_SILENT_START.pattern}{_nested(2)}\}}", re.DOTALL)  # nearly all of them
# Those of them that every reader knows, and what is formatting to those who know it, although it stands behind "\*".
_KNOWN = "|".join(words.SILENT)
_SILENT_KNOWN = re.compile(rf"\{{[\r\n]*+\\(?:\*[\r\n]*+\\)?(?:{_KNOWN})(?![a-zA-Z])")
_STARRED = re.compile(rf"\\\*[\r\n]*+\\(?!(?:{_KNOWN}|{'|'.join(words.SHOWN)}|[cdt]s)(?![a-zA-Z]))[a-zA-Z]")
_BRACE = re.compile(r"[{}\\](?:(?<=\\).)?", re.DOTALL)
# Groups that are shown in another place than where they stand.
_ASIDE = re.compile(
    rf"\{{[\r\n]*+(?:\\\*[\r\n]*+)?\\(?:annotation|shpinst|do|footnote|deleted|header[lrf]?|footer[lrf]?)(?![a-zA-Z])({_CONTENT})\}}",
    re.DOTALL,
)
_ASIDE_WORDS = ("\\annotation", "\\shpinst", "\\do", "\\footnote", "\\deleted", "{\\header", "{\\footer")
_TITLE = re.compile(rf"\{{\\(?:title|subject|keywords|doccomm)(?![a-z])({_FLAT})\}}", re.DOTALL)
_MAX_ASIDE = 4  # in one another
_WATERMARK = re.compile(r"\{\\sn gtextUNICODE\}[\r\n]*+\{\\sv ([^{}]*)\}")
# The same text without Unicode and with it (\upr).
_TWICE = re.compile(rf"\{{\\upr[\s]*+\{{{_nested(3)}\}}\s*+\{{\\\*\s*+\\ud(?![a-z])({_nested(4)})\}}\s*+\}}", re.DOTALL)
# HTML in RTF: what is RTF only, and what is HTML only (MS-OXRTFEX 2.1.3.1).
_FROM_HTML = re.compile(r"\\fromhtml1(?!\d)")
_RTF_ONLY = re.compile(r"\\htmlrtf1?(?![a-z0-9]) ?.*?(?:\\htmlrtf0(?!\d) ?|\Z)", re.DOTALL)
_HTML_ONLY = re.compile(rf"\{{\\\*\\htmltag\d{{0,9}}+ ?({_FLAT})\}}", re.DOTALL)
# Fonts with a charset, and where another font is chosen.
_FONT = re.compile(r"\\f(\d{1,5})\s*+" + repeated(r"\\(?!f\d|fcharset)[a-z]{1,32}-?\d{0,10} ?|\s++") + r"\\fcharset(\d{1,3})")
_CHOSEN = re.compile(r"\\(?:f(\d{1,5})(?!\d)|(plain)(?![a-z])|[^a-zA-Z])|([{}])")
_DEFAULT_FONT = re.compile(r"\\deff(\d{1,5})")
_MAX_CHOICES = 500_000
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437",
    255: "cp850",
}  # fmt: skip
_TOKEN = re.compile(
    r"((?:\\'[0-9a-fA-F]{2})+)|"
    r"\\u(-?\d{1,250}+)(?: |\\'[0-9a-fA-F]{2}|\?)?|\\([a-zA-Z]{1,32})-?\d{0,250}+ ?|\\([^a-zA-Z])|[{}\r\n]+"
)
# Where steps show another text than tokens: something hidden, or what stands for a character in Unicode is not one "?".
_IN_STEPS = re.compile(r"\\(?:(?:v|deleted)(?![a-z0])|uc(?!1(?!\d))\d|u-?\d{1,250}+ ?(?!\\'|\?))")
_STEP = re.compile(
    r"\\'(?P<octet>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,250}+)? ?|\\(?P<symbol>[^a-zA-Z])|(?P<brace>[{}])|"
    r"[\r\n]+|(?P<text>[^\\{}\r\n]+)|\\"
)
_CODE_PAGE = re.compile(r"\\ansicpg(\d{3,5})")
_HEAD = 1_000  # characters in which the code page is named
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_KEPT = 10_000  # tokens
_MAX_REPLACED = 100  # characters that stand for one in Unicode


def read(source: str, ledger: Ledger, place: str) -> tuple[str, ...]:
    """The text, all that is hidden in it; and, where that differs, as a reader shows it that takes each step as it is meant."""
    codec = _codec(source)
    shown = _Shown(codec)
    fonts = {int(match[1]): name for match in _FONT.finditer(source) if (name := _CHARSETS.get(int(match[2]), codec)) != codec}
    default = _DEFAULT_FONT.search(source, 0, _HEAD)
    faint = rtf_unseen.colours(source)
    known = _laid_out(words.without_raw(source))
    texts = []
    if _STARRED.search(known) is not None:
        texts.append(_stepped(_unsilenced(known, _SILENT_KNOWN), shown, ledger, place, stars=False))
    raw = "" if "\\bin" not in source else _unsilenced(_laid_out(source))
    source = _unsilenced(known)
    for one in dict.fromkeys((source, raw or source)):
        texts.append(_paired(shown.read(one)))
        silences, is_in_steps = words.silences(one), _IN_STEPS.search(one) is not None
        if silences or is_in_steps:
            texts.append(_stepped(one, shown, ledger, place))
        if silences and is_in_steps:
            texts.append(_stepped(one, shown, ledger, place, silent=frozenset()))
    if fonts and "\\'" in source:
        texts.append(_paired(_by_font(source, fonts, int(default[1]) if default is not None else 0, shown, ledger, place)))
    if doubtful := rtf_unseen.marked(source, faint):
        texts += unseen.resolved(_paired(shown.read(doubtful)))
    return tuple(dict.fromkeys(texts))


def _stepped(
    source: str, shown: "_Shown", ledger: Ledger, place: str, *, silent: frozenset[str] = words.SILENT, stars: bool = True
) -> str:
    """The text in steps, as many as there may be; what is left is read as it comes. How the reader is: `_in_steps`."""
    text, end = _in_steps(source, shown.codec, ledger, silent, stars)
    if end < len(source):
        ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
        text += shown.read(source[end:])
    return _paired(text)


def _unsilenced(source: str, starts: re.Pattern[str] = _SILENT_START) -> str:
    """Without the groups that show nothing; those without an end stay. What stands behind one belongs to no word before it."""
    if starts is _SILENT_START:
        source = _SILENT.sub("{}", source)
    silent = {match.start() for match in starts.finditer(source)}
    if not silent:
        return source
    opened: list[int] = []
    closed: list[tuple[int, int]] = []  # silent groups, those in others before them
    for brace in _BRACE.finditer(source, min(silent)):
        if brace[0] == "{":
            opened.append(brace.start())
        elif brace[0] == "}" and opened and (start := opened.pop()) in silent:
            while closed and closed[-1][0] > start:
                closed.pop()
            closed.append((start, brace.end()))
    begins = (0, *(end for _, end in closed))
    ends = (*(start for start, _ in closed), len(source))
    return "{}".join([source[begin:end] for begin, end in zip(begins, ends, strict=True)])


def _laid_out(source: str) -> str:
    """With what is shown elsewhere behind all the rest."""
    if "\\upr" in source:
        source = _TWICE.sub(r"{\1}", source)
    aside = _TITLE.findall(source) if "{\\info" in source else []
    if "gtextUNICODE" in source:
        aside += _WATERMARK.findall(source)
    for _ in range(_MAX_ASIDE):
        found = _ASIDE.findall(source) if any(word in source for word in _ASIDE_WORDS) else []
        if not found:
            break
        source = "\\par ".join((_ASIDE.sub("{}", source), *found))
    return "\\par ".join((source, *aside))


def page(source: str) -> str:
    """The HTML that is wrapped in it ([MS-OXRTFEX]); "" where there is none."""
    if _FROM_HTML.search(source, 0, _HEAD) is None:
        return ""
    shown = _Shown(_codec(source))
    pieces = _HTML_ONLY.split(_RTF_ONLY.sub("", source))
    for number, piece in enumerate(pieces):
        text = _paired(shown.read(_unsilenced(piece)))
        pieces[number] = text if number % 2 else text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(pieces)


def _by_font(source: str, fonts: dict[int, str], default: int, shown: "_Shown", ledger: Ledger, place: str) -> str:
    """The text, each stretch in the charset of its font."""
    readers = {name: _Shown(name) for name in {*fonts.values()}}
    out: list[str] = []
    outer: list[int] = []
    font, at = default, 0
    for count, chosen in enumerate(_CHOSEN.finditer(source)):
        number, plain, brace = chosen.groups()
        before = font
        if brace == "{":
            outer.append(font)
        elif brace:
            font = outer.pop() if outer else default
        elif number or plain:
            font = int(number) if number else default
        if fonts.get(font) != fonts.get(before):
            out.append(readers.get(fonts.get(before, ""), shown).read(source[at : chosen.start()]))
            at = chosen.start()
        if count >= _MAX_CHOICES:
            ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
            break
    out.append(readers.get(fonts.get(font, ""), shown).read(source[at:]))
    return "".join(out)


def _codec(source: str) -> str:
    said = _CODE_PAGE.search(source, 0, _HEAD)
    return (charset_names.codec(f"cp{said[1]}") if said is not None else "") or "cp1252"


class _Shown(dict[str, str]):
    """What tokens are in a text. Most come again and again."""

    def __init__(self, codec: str) -> None:
        self.codec = codec

    def read(self, source: str) -> str:
        """The text of a source."""
        return _TOKEN.sub(lambda token: self[token[0]], source)

    def __missing__(self, token: str) -> str:
        shown = self._shown(token)
        if len(self) < _MAX_KEPT:
            self[token] = shown
        return shown

    def _shown(self, token: str) -> str:
        match = _TOKEN.match(token)
        octets, code, word, symbol = match.groups() if match is not None else ("", "", "", "")
        if octets:
            return bytes.fromhex(octets.replace("\\'", "")).decode(self.codec, "replace")
        if code:
            return chr(int(code) & 0xFFFF)
        if word:
            return words.LETTERS.get(word, "")
        return _symbol(symbol) if symbol else ""


def _symbol(symbol: str) -> str:
    return (
        symbol
        if symbol in "\\{}"
        else "\u00a0"
        if symbol == "~"
        else "\u2011"
        if symbol == "_"
        else "\n"
        if symbol in "\r\n"
        else ""
    )


def _paired(text: str) -> str:
    """Characters beyond the Basic Multilingual Plane are written as two (RTF 1.9.1, \\u)."""
    return text.encode("utf_16_le", "surrogatepass").decode("utf_16_le", "replace") if _SURROGATE.search(text) else text


def _in_steps(source: str, codec: str, ledger: Ledger, known: frozenset[str], stars: bool) -> tuple[str, int]:
    """The text without what is hidden (\\v), deleted or silent, or stands for a character in Unicode (\\uc); where steps ended.

    `known`: words that the reader knows to show nothing; `stars`: whether what stands behind "\\*" shows nothing to it, either.
    """
    out: list[str] = []
    octets = bytearray()
    outer: list[tuple[bool, bool, int]] = []
    hidden, silent, starred, replaced, skip, end = False, False, False, 1, 0, 0
    for step in islice(_STEP.finditer(source), ledger.rtf_steps):
        ledger.rtf_steps -= 1
        end = step.end()
        octet, word, value, symbol, brace, text = step.groups()
        if octets and not octet:
            out.append(octets.decode(codec, "replace"))
            octets.clear()
        if word:
            silent = silent or word in known or (starred and stars and word not in words.SHOWN)
        starred = symbol == "*"
        if brace:
            skip = 0
            if brace == "{":
                outer.append((hidden, silent, replaced))
            elif outer:
                hidden, silent, replaced = outer.pop()
        elif word == "u" and value:
            skip = replaced
            if not (hidden or silent):
                out.append(chr(int(value) & 0xFFFF))
        elif word == "uc" and value:
            replaced = max(0, min(int(value), _MAX_REPLACED))
        elif word in ("v", "deleted", "plain"):
            hidden = word != "plain" and value != "0"
        elif text:
            left, skip = text[skip:], max(0, skip - len(text))
            if not (hidden or silent):
                out.append(left)
        elif skip and (octet or word or symbol):
            skip -= 1
        elif not (hidden or silent):
            if octet:
                octets.append(int(octet, 16))
            elif word:
                out.append(words.LETTERS.get(word, ""))
            elif symbol:
                out.append(_symbol(symbol))
    out.append(octets.decode(codec, "replace"))
    return "".join(out), end
