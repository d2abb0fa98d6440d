"""A text of a mail, and the form in which words are looked for.

`normalise` promises linear time: Python's NFKC is quadratic in a run of combining marks, so long runs go through it in pieces. And
it promises a result of the size of the text: a few megabytes of letters that grow eighteenfold would take all memory there is.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache

from screener.frozen import dataclass

# Unicode 15 DerivedCoreProperties: Default_Ignorable_Code_Point; and the interlinear and tag characters, which show as nothing.
_IGNORABLE_LETTERS = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb"
)
IGNORABLE = re.compile(f"[{_IGNORABLE_LETTERS}\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+")
_MAY_BE_IGNORED = re.compile(f"[{_IGNORABLE_LETTERS}\U00010000-\U0010ffff]")  # found several times as fast
# With a letter before that a mark may join; letters of ASCII within, so that a text of many single ones is few pieces.
_CHUNK = re.compile(r"[\x00-\x7f]?[^\x00-\x7f](?:[\x00-\U0010ffff]{0,94}[^\x00-\x7f])?")
_FORCED = re.compile("\u202e([^\u202a-\u202e\n]{1,10000})")
# They show as blanks in some readers: the empty Braille pattern, and the Hangul fillers, which others ignore.
_BLANKS = "\u2800\u3164\u115f\u1160\uffa0"
_BLANK = re.compile(f"[{_BLANKS}]")
_KEPT = f"\u202c\u202e{_BLANKS}"
# Of which NFKC makes three characters and more, of one of them eighteen (Unicode 15).
_GROWS = re.compile(
    "[\u00bc-\u00be\u0385\u0f77\u0f79\u1fc1\u1fcd-\u1fcf\u1fdd-\u1fdf\u1fed-\u1fee\u2026\u2034\u2037\u2057\u2100-\u2101"
    "\u2105-\u2106\u2121\u213b\u2150-\u215e\u2162\u2166-\u2167\u216b\u2172\u2176-\u2177\u217b\u2189\u222d\u2230"
    "\u2474-\u2487\u2491-\u24b5\u2a0c\u2a74\u2a76\u3200-\u321e\u3220-\u3243\u3250\u32c9-\u32cb\u32cd\u32cf\u3300-\u330f"
    "\u3311-\u3313\u3315-\u3324\u3329-\u332f\u3332-\u3336\u3338-\u333e\u3340-\u3348\u334a\u334c-\u3351\u3353-\u3354"
    "\u3356-\u3357\u3362-\u3371\u3374\u3378-\u3379\u337f\u3388-\u3389\u3391-\u3394\u339f-\u33a0\u33a2-\u33a4\u33a6-\u33a8"
    "\u33aa-\u33af\u33c2\u33c6-\u33c7\u33d2\u33d5-\u33d6\u33d8-\u33d9\u33de-\u33df\u33e9-\u33ff\ufb03-\ufb04\ufb2c-\ufb2d"
    "\ufc5e-\ufc63\ufcf2-\ufcf4\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe19\U0001d160-\U0001d164\U0001d1bd-\U0001d1c0"
    "\U0001f110-\U0001f12a\U0001f14e\U0001f240-\U0001f248]"
)
# What shows as nothing, as an empty box or as a line through letters, and parts none: control characters that are no white space,
# private use, U+FFFC, Hebrew points, the Arabic stretch (U+0640), and the marks of no script of their own (Unicode 15:
# Script=Inherited) that were not composed with a letter.
_CONTROLS = "\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640"
    "\u064b-\u0655\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_UNUSED = "\ue000-\uf8ff\ufffc\U000f0000-\U0010ffff"
_STRAY = re.compile(f"[{_CONTROLS}{_MARKS}{_UNUSED}]+")
_PADDING = re.compile(f"[{_CONTROLS}{_MARKS}{_UNUSED}]{{2,}}|[{_IGNORABLE_LETTERS}]+")
_STRAYED = re.compile(_STRAY.pattern.removesuffix("+"))
_MARK = re.compile(f"[{_MARKS}]")
# Letters of scripts that put no blanks between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese.
UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff"
)
_UNSPACED_GAP = re.compile(rf"\s(?<=[{UNSPACED}]\s)\s*+(?=[{UNSPACED}])")
# Where scripts have their marks, and what carries none of these: the marks of Thai or Hebrew upon Latin letters, or upon nothing.
_SCRIPTS = ((0x591, 0x1AB0), (0x1B00, 0x1D00), (0x2CEF, 0x2E00), (0x302A, 0x309B), (0xA66F, 0xABEE), (0xFB1E, 0xFB1F))
_NO_SCRIPT = "\\0-\u024f\u0370-\u0482\u048a-\u052f\u1e00-\u1fff"
# Latin, Greek and Cyrillic letters, their signs and white space.
_OTHER = re.compile(
    "[^\t-\r -~\x85\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2029\u2030-\u205e\u20a0-\u20bf\u2100-\u214f]"
)
_ASCII_CONTROLS = bytes((*range(9), *range(0x0E, 0x20), 0x7F))
_TOLD = bytes(0 if code in _ASCII_CONTROLS else 1 for code in range(256))
_SMALL = 512
_RUN = 32  # combining marks: of a run as long, one is among each 32nd character
_BECOME_MARKS = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")  # decomposed; none themselves (Unicode 15)
_STRETCH = 2_048  # characters, and on to the end of the line, or at least of a word
_LONGEST_STRETCH = 65_536
_GROWTH = 262_144  # characters that NFKC may add to a text before those that grow much are left out


class TextKind(StrEnum):
    """What a text is in its mail."""

    PLAIN = "plain"
    HTML = "html"  # as displayed
    HTML_HIDDEN = "html-hidden"  # in the HTML, but not displayed
    SUBJECT = "subject"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Text:
    """One decoded text, where it stands ("part 1.2"), and how it is read where that is not how most readers show it."""

    place: str
    kind: TextKind
    text: str
    view: str = ""  # for people
    whole: bool = False  # only whole words in it mean anything


def turned(text: str) -> str:
    """The text as it is shown where its direction is turned by force (U+202E, Unicode TR9 2.2): those stretches from their end."""
    return _FORCED.sub(lambda stretch: stretch[1][::-1], text)


def with_blanks(text: str) -> str:
    """The text with a blank for each letter that some readers show as one; `normalise` gives what the others show."""
    return _BLANK.sub(" ", text) if not text.isascii() and any(blank in text for blank in _BLANKS) else text


def normalise(text: str) -> str:
    """NFKC, without default-ignorable code points (soft hyphen, zero width …); case is left to the caller. ASCII stays as it is."""
    if text.isascii():
        return text
    if len(text) <= _STRETCH:
        return _normalised(text)
    # Most of a long text is often ASCII. Nothing is composed with the ASCII before or behind it (UAX 15, 3.1), a line end least.
    pieces: list[str] = []
    at = 0
    room = _GROWTH
    while at < len(text):
        end = _stretch_end(text, at)
        piece = text[at:end]
        if not piece.isascii():
            normalised = _normalised(piece if room > 0 else _GROWS.sub(" ", piece))
            room -= max(0, len(normalised) - len(piece))
            piece = normalised
        pieces.append(piece)
        at = end
    return "".join(pieces)


def unpadded(text: str) -> str:
    """A text in which not many of what nobody sees stand between two letters: nothing that `normalise` takes out, and one stray."""
    return text if text.isascii() or is_plain(text) else _PADDING.sub(_unpadded, text)


def growing(text: str) -> int:
    """How many letters of a text become three and more."""
    return 0 if text.isascii() else len(_GROWS.findall(text))


def without_strays(text: str) -> str:
    """A normalised text without what may stand between the letters of a word and parts none for the eye; as it is, where there is
    nothing of the kind: a bullet in private use beside a blank hides no word."""
    if text.isascii():
        octets = text.encode("ascii")
        if 0 not in octets.translate(_TOLD):  # far faster than a pattern
            return text
        return octets.translate(None, _ASCII_CONTROLS).decode("ascii")
    foreign = _foreign()
    if foreign.search(text) is not None or _is_mark(text[0]):
        text = foreign.sub(r"\1", f"\n{text}")[1:]
    found = _STRAYED.search(text)
    while found is not None:
        if (stray := _STRAY.match(text, found.start())) is not None and _hides(stray, text):
            return _STRAY.sub("", text)
        found = _STRAYED.search(text, found.end() if stray is None else stray.end())
    return text


def is_plain(text: str) -> bool:
    """Whether neither `without_strays` nor `closed_up` changes a text, told fast; False where that takes a closer look."""
    return _OTHER.search(text) is None


def closed_up(text: str) -> str:
    """A text without the blanks and line ends between letters of scripts that put none between words (CSS Text 3, 4.1.3)."""
    return _UNSPACED_GAP.sub("", text)


@cache
def _foreign() -> re.Pattern[str]:
    """A letter, or what is none, with marks of other scripts upon it."""
    marks = "".join([chr(code) for start, end in _SCRIPTS for code in range(start, end) if _is_mark(chr(code))])
    return re.compile(f"([{_NO_SCRIPT}])[{marks}]++")


def _unpadded(padding: re.Match[str]) -> str:
    """One stray, or what turns letters or may be a blank."""
    found = padding[0]
    return found[0] if len(found) > 1 and _STRAYED.match(found) is not None else "".join([one for one in _KEPT if one in found])


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def _hides(stray: re.Match[str], text: str) -> bool:
    """Whether it stands within a word: marks at the end of one, too, for they belong to it."""
    start, end = stray.span()
    within = start > 0 and end < len(text) and text[start - 1].isalnum() and text[end].isalnum()
    return within or _MARK.search(stray[0]) is not None


def _stretch_end(text: str, at: int) -> int:
    """Where a text may be cut: behind a line, or where that is long, behind a word."""
    least, most = at + _STRETCH, at + _LONGEST_STRETCH
    return text.find("\n", least, most) + 1 or (len(text) if len(text) <= most else text.rfind(" ", least, most) + 1 or most)


def _normalised(text: str) -> str:
    text = _without_ignorable(text.replace("\u2800", " "))
    if len(text) <= _SMALL or not _has_runs(text[::_RUN]):
        composed = unicodedata.normalize("NFKC", text)
    else:
        composed = _CHUNK.sub(lambda piece: unicodedata.normalize("NFKC", piece[0]), text)
    return composed if composed is text else _without_ignorable(composed)


def _has_runs(sample: str) -> bool:
    """Whether there may be long runs of combining marks in a text of which this is each 32nd character."""
    return any(map(unicodedata.combining, sample)) or not _BECOME_MARKS.isdisjoint(sample)


def _without_ignorable(text: str) -> str:
    return text if _MAY_BE_IGNORED.search(text) is None else IGNORABLE.sub("", text)
