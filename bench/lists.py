"""What every system is told to look for: words, senders, patterns, extensions. The same on every run.

The words are made of syllables and none of them stands in the letters that are sent, so that nothing but a planted message matches
and every list is searched to its end. Patterns are written in what PCRE, Python's `regex` and Hyperscan all understand.
"""

import random
from itertools import islice

from bench.letters import VOCABULARY

WORDS, SENDERS, PATTERNS = 10_000, 1_000, 300  # of our hop
CHECKS = 200  # header and body patterns each, of the peers
_FORBIDDEN = """ade adp app asp bas bat chm cmd com cpl crt csh der exe fxp hlp hta inf ins isp its js jse ksh lnk mad maf mag
mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msi msp pif scr vb vbe vbs"""
EXTENSIONS = _FORBIDDEN.split()
_SOUNDS = "ba bel bor cal dra dun fel fro gal gri hol jur kan kel lom mar mir nor ost pel qui ral sil tor tur ulm vex wil yor zan"
_SYLLABLES = _SOUNDS.split()


def made(count: int, seed: str) -> list[str]:
    """So many words, none twice, none of which stands in a letter; the same for the same seed."""
    chooser = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        word = "".join(chooser.choices(_SYLLABLES, k=chooser.choice((2, 3, 3, 4))))
        if word not in VOCABULARY:
            made[word] = None
    return list(made)


_stock = iter(made(WORDS + 4 * PATTERNS + 2 * SENDERS, "words"))


def _take(count: int) -> list[str]:
    return list(islice(_stock, count))


def _patterns(words: list[str]) -> list[str]:
    """Patterns as mail admins write them: most name something, a few look for the form of a number alone."""
    made = [r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}\b", r"\b[A-Z]{2}\d{2}(?: ?\d{4}){4,7}\b", r"\b\d{3}-\d{2}-\d{4}\b"]
    pairs = zip(words[::2], words[1::2], strict=True)
    for number, (one, other) in enumerate(pairs):
        made.append(
            (
                rf"\b{one}\s+{other}\b",
                rf"\b{one}(?:s|ed|ing)?\s+\w{{2,20}}\s+\d+",
                rf"(?:{one}|{other})[-_ ]?\d{{4,8}}",
                rf"https?://[\w.-]{{0,60}}{one}\.example\b",
                rf"\b{one[:3]}[aeiou]?{one[3:]}[ -]{other}",
            )[number % 5]
        )
    return made[:PATTERNS]


words = _take(WORDS)
senders = [f"{one}@{other}.example" for one, other in zip(_take(SENDERS), _take(SENDERS), strict=True)]
_pattern_words = _take(2 * PATTERNS)
patterns = _patterns(_pattern_words)
PLANTED_WORD = words[WORDS // 2]
PLANTED_SENDER = senders[SENDERS // 2]
PLANTED_TEXT = f"{_pattern_words[0]} {_pattern_words[1]}"  # what the first pattern that names something looks for
PLANTED_FILE = "invoice.pdf.exe"
