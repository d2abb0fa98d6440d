"""Words of PDFs drawn at random: what pdfium shows is found by a words rule, or a defect is told."""

from fakes.lacking import lacking
from fakes.pdfs.drawn import drawn
from fakes.pdfs.drawn_judged import is_found, is_shown
from fakes.pdfs.texts import TextReader, available

FIRST, MANY = 0, 600
# What is known: letters that something is drawn over.
KNOWN = ("hidden: covered %s",)


def test_words_that_pdfium_shows() -> None:
    if "pdfium" not in available():
        lacking("pypdfium2")
    reader = TextReader("pdfium")
    cases = [drawn(number) for number in range(FIRST, FIRST + MANY)]
    shown = [case for case in cases if is_shown(case, reader.text(case.octets))]
    reader.close()
    assert len(shown) > MANY // 3
    missed = [case.ways for case in shown if not is_found(case) and not set(KNOWN) & set(case.ways)]
    assert not missed
