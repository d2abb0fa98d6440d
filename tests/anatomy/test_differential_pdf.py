"""PDFs with a file or a script, made at random of a few oddities each: what pdfium or qpdf finds in them is found, or held.

`fuzz/pdfs.py files` does the same for hours, and with more readers.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from fakes.pdfs.judged import Ours, compared, missed
from fakes.pdfs.made import MARK, Made
from fakes.pdfs.readers import Reader, Seen

EACH = 400


@pytest.fixture(scope="module")
def readers() -> Iterator[list[Reader]]:
    both = [Reader("pdfium"), Reader("qpdf")]
    yield both
    for one in both:
        one.close()


@pytest.mark.parametrize("first", range(0, 6 * EACH, EACH))
def test_what_a_reader_finds_is_found_or_held(readers: list[Reader], first: int) -> None:
    shown: Counter[str] = Counter()
    held = 0
    for number in range(first, first + EACH):
        one = compared(number, readers)
        shown.update(one.shown_by)
        held += one.is_held
        assert not one.lacks, f"PDF {number}, {one.ways}: {one.lacks}"
    # The readers open enough for this to mean something, and not all of it is merely held.
    assert min(shown[one.name] for one in readers) > EACH // 8
    assert held < EACH // 2


def test_what_is_missed_is_told() -> None:
    case = Made(b"", "evil.js", MARK, ("tree",), ())
    theirs = Seen((("evil.js", b"x" + MARK),), frozenset({"javascript"}))
    nothing = Ours(frozenset({"a.pdf"}), (), frozenset(), False)
    assert missed(case, theirs, nothing) == ["name", "file", "javascript"]
    assert not missed(case, theirs, Ours(frozenset({"evil.js"}), (b"x" + MARK,), frozenset({"javascript"}), False))
    assert not missed(case, theirs, Ours(frozenset({"a.pdf"}), (), frozenset(), True))
