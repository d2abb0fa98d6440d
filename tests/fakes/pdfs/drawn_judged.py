"""Whether a program shows a word of a PDF that no words rule finds in the texts of attachments, nor a defect tells of."""

import re
import unicodedata
from functools import cache

from fakes.evasions.judging import screened
from fakes.odd_mail import attached
from fakes.pdfs.asked import Compared
from fakes.pdfs.drawn import Drawn, drawn
from fakes.pdfs.texts import TextReader

from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action
from screener.policy.rulefile import compile_source
from screener.policy.ruleset import RuleSet
from screener.policy.source import Source

# What is known, by the way to draw it and the readers that show it: something is drawn over letters; letters of no height stand
# among others, which one reader leaves out.
_KNOWN = {"hidden: covered %s": ("pdfium", "mupdf", "poppler", "pdfjs"), "hidden: flat %s": ("poppler",)}


@cache
def _rules(word: str) -> RuleSet:
    rule = f"rules: [{{name: a, when: {{attachment_text: {{words: {word}}}}}, then: hold}}]"
    return compile_source(Source.of((("rules/a.yaml", rule.encode()),))).ruleset


def _is_found(case: Drawn) -> bool:
    """Whether we find the word, or say that something is amiss."""
    mail = attached(case.octets, "a.pdf")
    anatomy = Anatomy(mail)
    (verdict,) = screened(_rules(case.word), mail, anatomy).verdicts
    return verdict.action is Action.HOLD or any(anatomy.all_defects())


def _is_shown(case: Drawn, text: str) -> bool:
    """Whether the word stands in what a program shows."""
    shown = unicodedata.normalize("NFKC", text).lower()
    return re.search(rf"(?<![^\W_]){case.word}(?![^\W_])", shown) is not None


def _is_known(case: Drawn, shown_by: tuple[str, ...]) -> bool:
    return any(set(shown_by) <= set(_KNOWN.get(way, ())) for way in case.ways)


def compared(number: int, readers: list[TextReader], only: tuple[str, ...] = ()) -> Compared:
    """The PDF of this number as readers show it, and as we read it; a word that is known not to be found is not lacking."""
    case = drawn(number, only)
    for one in readers:
        one.ask(case.octets)
    shown_by = tuple(one.name for one in readers if _is_shown(case, one.answer()))
    is_missed = bool(shown_by) and not _is_known(case, shown_by) and not _is_found(case)
    return Compared(case.octets, case.ways, shown_by, {name: ["word"] for name in shown_by if is_missed})
