"""The text that RTF shows (RTF 1.9.1), as far as words are looked for: control words gone, characters decoded, font lists left out.

What stands elsewhere on the page (notes, comments, text boxes, watermarks) comes last, so that it parts no word; where fonts have
charsets of their own, that is one more reading. Promises: linear, never raises; the reading in steps, which knows hidden text and
how many characters stand for one in Unicode, is bounded by the ledger. Files in RTF are `objects`', a page of HTML is `wrapped`'s.
"""

import re

from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger
from screener.anatomy.office import code_pages, unseen
from screener.anatomy.repeated import repeated
from screener.anatomy.rtf import letters, words
from screener.anatomy.rtf import unseen as rtf_unseen

_LEVELS = 7  # of groups in a group that are looked through at once
_FLAT = r"[^{}\\]*+" + repeated(r"\\.[^{}\\]*+")


def nested(levels: int) -> str:
    """What stands in a group, with groups in it. A search that finds no end goes no further than so many levels."""
    content = _FLAT
    for _ in range(levels):
        content = _FLAT + repeated(rf"\{{{content}\}}{_FLAT}")
    return content


_CONTENT = nested(_LEVELS)
# Groups that show nothing: those a reader need not know, and the tables. What lies in them in groups of its own goes with them.
_SILENT_START = re.compile(
    r"\{[\r\n]*+\\(?:\*[\r\n]*+\\(?!(?:annotation|shpinst|ud|do)(?![a-zA-Z]))[a-zA-Z]{1,32}|"
    r"(?:fonttbl|colortbl|stylesheet|info|pict|objdata|objclass|sp|xe|tc)(?![a-zA-Z]))"
)
_SILENT = re.compile(rf"{_SILENT_START.pattern}{nested(2)}\}}", re.DOTALL)  # nearly all of them
# Those of them that every reader knows, and what is formatting to those who know it, although it stands behind "\*".
_KNOWN = "|".join(words.SILENT)
_SILENT_KNOWN = re.compile(rf"\{{[\r\n]*+\\(?:\*[\r\n]*+\\)?(?:{_KNOWN})(?![a-zA-Z])")
_STARRED = re.compile(rf"\\\*[\r\n]*+\\(?!(?:{_KNOWN}|{'|'.join(words.SHOWN)}|[cdt]s)(?![a-zA-Z]))[a-zA-Z]")
_STARRED_STYLE = re.compile(r"\\\*[\r\n]*+\\[cdt]s\d")  # formatting, too, where it names none
_STYLES = re.compile(rf"\{{\\stylesheet(?![a-z]){nested(3)}\}}", re.DOTALL)
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
_TWICE = re.compile(rf"\{{\\upr[\s]*+\{{{nested(3)}\}}\s*+\{{\\\*\s*+\\ud(?![a-z])({nested(4)})\}}\s*+\}}", re.DOTALL)
# Fonts with a charset, and where another font is chosen.
_FONT = re.compile(
    r"\\f(?P<font>\d{1,5})\s*+"
    + repeated(r"\\(?!f\d|fcharset|cpg\d)[a-z]{1,32}-?\d{0,10} ?|\s++")
    + r"(?=\\fcharset\d|\\cpg\d)(?:\\fcharset(?P<charset>\d{1,3}) ?)?(?:\\cpg(?P<page>\d{3,5}))?"
)
# Fonts without one, whose names may say it: in the list of fonts only.
_FONT_LISTS = re.compile(rf"\{{\\fonttbl(?![a-z]){nested(3)}\}}", re.DOTALL)
_NAMED_FONT = re.compile(
    r"\\f(?P<font>\d{1,5})\s*+"
    + repeated(r"\\(?!f\d|fcharset(?![01](?!\d))|cpg\d)[a-z]{1,32}-?\d{0,10} ?|\s++|\{\\\*\\[^{}\\]{0,200}+\}")
    + r"(?P<name>[^\\{};]{1,200}+)"
)
_FOR = re.compile(r"(?:^|[ \t])(?:(ce)|(cyr)|(greek)|(tur)|(baltic)|\((?:(hebrew)|(arabic)|(vietnamese))\))\s*+$", re.IGNORECASE)
_PAGES_FOR = (1250, 1251, 1253, 1254, 1257, 1255, 1256, 1258)
_CHOSEN = re.compile(r"\\(?:f(\d{1,5})(?!\d)|cchs(\d{1,5})(?!\d)|(plain)(?![a-z])|[^a-zA-Z])|([{}])")
_SAID = re.compile(r"\\cchs\d")
_DEFAULT_FONT = re.compile(r"\\deff(\d{1,5})")
_MAX_CHOICES = 500_000
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437",
    255: "cp850",
}  # fmt: skip
# Where steps show another text than tokens: something hidden, or what stands for a character in Unicode is not one "?".
IN_STEPS = re.compile(r"\\(?:(?:v|deleted)(?![a-z0])|uc(?!1(?!\d))\d|u-?\d{1,250}+ ?(?!\\'|\?))")


def read(source: str, ledger: Ledger, place: str) -> tuple[str, ...]:
    """The text, all that is hidden in it; and, where that differs, as a reader shows it that takes each step as it is meant."""
    ledger.spend_inline(source.count("\\"), ledger.budget.inline_tags, "words of RTF")
    codec = letters.codec(source)
    shown = letters.Shown(codec)
    fonts = _fonts(source, codec)
    default = _DEFAULT_FONT.search(source)
    faint = rtf_unseen.colours(source)
    known = _laid_out(words.without_raw(source))
    texts = []
    if _STARRED.search(known) is not None or _has_starred_styles(known):
        texts.append(stepped(unsilenced(known, _SILENT_KNOWN), shown, ledger, place, stars=False))
    raw = "" if "\\bin" not in source else unsilenced(_laid_out(source))
    source = unsilenced(known)
    for one in dict.fromkeys((source, raw or source, letters.paired_octets(source, codec))):
        texts.append(letters.paired(shown.read(one)))
        silences, is_in_steps = words.silences(one), IN_STEPS.search(one) is not None
        if silences or is_in_steps:
            texts.append(stepped(one, shown, ledger, place))
        if silences and is_in_steps:
            texts.append(stepped(one, shown, ledger, place, silent=frozenset()))
    if "\\'" in source:
        first = int(default[1]) if default is not None else 0
        ways = ([False] if fonts else []) + ([True] if _SAID.search(source) else [])
        texts += [letters.paired(_by_font(source, fonts, first, way, shown, ledger, place)) for way in ways]
    if doubtful := rtf_unseen.marked(source, faint):
        texts += unseen.resolved(letters.paired(shown.read(doubtful)))
    return tuple(dict.fromkeys(texts))


def _has_starred_styles(source: str) -> bool:
    """Whether letters are in a style behind "\\*"; in the list of styles each stands so."""
    return _STARRED_STYLE.search(source) is not None and _STARRED_STYLE.search(_STYLES.sub("", source)) is not None


def _fonts(source: str, codec: str) -> dict[int, str]:
    """The charsets of fonts that have another than the document."""
    found = {}
    for fonts in _FONT_LISTS.findall(source):
        for font in _NAMED_FONT.finditer(fonts):
            if (said := _FOR.search(font["name"])) is not None and said.lastindex is not None:
                found[int(font["font"])] = code_pages.codec(_PAGES_FOR[said.lastindex - 1])
    found |= {int(font["font"]): name for font in _FONT.finditer(source) if (name := _of_font(font, codec)) != codec}
    return {font: name for font, name in found.items() if name != codec}


def _of_font(font: re.Match[str], codec: str) -> str:
    """Its charset: of its code page, of what it says that it is for, or the document's."""
    page, charset = font["page"], font["charset"]
    return code_pages.codec(int(page)) if page else _CHARSETS.get(int(charset), codec) if charset else codec


def stepped(
    source: str, shown: letters.Shown, ledger: Ledger, place: str, *, silent: frozenset[str] = words.SILENT, stars: bool = True
) -> str:
    """The text in steps, as many as there may be; what is left is read as it comes. How the reader is: `letters.in_steps`."""
    text, end = letters.in_steps(source, shown.codec, ledger, silent, stars)
    if end < len(source):
        ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
        text += shown.read(source[end:])
    return letters.paired(text)


def unsilenced(source: str, starts: re.Pattern[str] = _SILENT_START) -> str:
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


def _by_font(
    source: str, fonts: dict[int, str], default: int, heeded: bool, shown: letters.Shown, ledger: Ledger, place: str
) -> str:
    """The text, each stretch in the charset of its font or, where that is heeded, in the one that is said for letters (\\cchs)."""
    readers = {name: letters.Shown(name) for name in {*fonts.values(), *_CHARSETS.values()}} | dict.fromkeys(
        ("", shown.codec), shown
    )
    out: list[str] = []
    outer: list[tuple[int, str]] = []
    font, said, before, at = default, "", fonts.get(default, ""), 0
    for count, chosen in enumerate(_CHOSEN.finditer(source)):
        number, charset, plain, brace = chosen.groups()
        if brace == "{":
            outer.append((font, said))
        elif brace:
            font, said = outer.pop() if outer else (default, "")
        elif number:
            font = int(number)
        elif charset and heeded:
            said = _CHARSETS.get(int(charset), shown.codec)
        elif plain:
            font, said = default, ""
        now = said or fonts.get(font, "")
        if now != before:
            out.append(_in_charset(source[at : chosen.start()], readers[before]))
            before, at = now, chosen.start()
        if count >= _MAX_CHOICES:
            ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
            break
    out.append(_in_charset(source[at:], readers[before]))
    return "".join(out)


def _in_charset(source: str, shown: letters.Shown) -> str:
    return shown.read(letters.paired_octets(source, shown.codec))
