"""Words of PDFs drawn at random: what pdfium shows is found by a words rule, or a defect is told."""

from fakes.lacking import lacking
from fakes.pdfs.asked import available
from fakes.pdfs.drawn_judged import compared
from fakes.pdfs.texts import TextReader

FIRST, MANY = 0, 600


def test_words_that_pdfium_shows() -> None:
    if "pdfium" not in available("pdfium"):
        lacking("pypdfium2")
    reader = TextReader("pdfium")
    cases = [compared(number, [reader]) for number in range(FIRST, FIRST + MANY)]
    reader.close()
    assert sum(bool(one.shown_by) for one in cases) > MANY // 3
    assert not [one.ways for one in cases if one.lacks]
