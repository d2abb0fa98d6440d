"""A text of a mail, and the form in which words are looked for.

`normalise` promises linear time: Python's NFKC is quadratic in a run of combining marks, so long runs go through it in pieces.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

# Unicode 15 DerivedCoreProperties: Default_Ignorable_Code_Point; and the interlinear and tag characters, which show as nothing.
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# With a letter before that a mark may join; letters of ASCII within, so that a text of many single ones is few pieces.
_CHUNK = re.compile(r"[\x00-\x7f]?[^\x00-\x7f](?:[\x00-\U0010ffff]{0,94}[^\x00-\x7f])?")
_FORCED = re.compile("\u202e([^\u202a-\u202e\n]{1,10000})")
# They show as blanks in some readers: the empty Braille pattern, and the Hangul fillers, which others ignore.
_BLANKS = "\u2800\u3164\u115f\u1160\uffa0"
_BLANK = re.compile(f"[{_BLANKS}]")
_SMALL = 512
_STRETCH = 2_048  # characters, and on to the end of the line


class TextKind(StrEnum):
    """What a text is in its mail."""

    PLAIN = "plain"
    HTML = "html"  # as displayed
    HTML_HIDDEN = "html-hidden"  # in the HTML, but not displayed
    SUBJECT = "subject"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Text:
    """One decoded text and where it stands ("part 1.2")."""

    place: str
    kind: TextKind
    text: str


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
    while at < len(text):
        end = text.find("\n", at + _STRETCH) + 1 or len(text)
        piece = text[at:end]
        pieces.append(piece if piece.isascii() else _normalised(piece))
        at = end
    return "".join(pieces)


def _normalised(text: str) -> str:
    text = text.replace("\u2800", " ")
    if len(text) <= _SMALL:
        composed = unicodedata.normalize("NFKC", IGNORABLE.sub("", text))
    else:
        composed = _CHUNK.sub(lambda piece: unicodedata.normalize("NFKC", piece[0]), IGNORABLE.sub("", text))
    return IGNORABLE.sub("", composed)
