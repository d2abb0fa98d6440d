"""RTF's groups and words that show nothing, although they do not say so, and those that are shown behind a star."""

import pytest
from fakes.odd_mail import attached

from screener.anatomy.budget import Budget
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy
from screener.anatomy.rtf import text as rtf_text


def words(source: str) -> list[str]:
    read = rtf_text.read(source, Ledger(Budget(), len(source)), "part 1")
    return [word for one in read for word in one.split()]


@pytest.mark.parametrize(
    "source",
    [
        r"{\*\b night}{\*\i\b jar}",
        r"night{\*\b ja}r",
        r"night{\bkmkstart zz}jar",
        r"night{\b0\bkmkstart zz}jar",
        r"night{\b0\*\unknown zz}jar",
        r"night{\field{\fldinst zz}{\fldrslt jar}}",
        r"night{\listtext zz\tab}jar",
        r"night{\nonesttables zz\par}jar",
        r"night{\author zz}jar",
        r"night\bin2 zzjar",
        r"night{\*\unknown\bin1 {}jar",
        r"night\b00000000000000000001 jar",
        r"night\u00000000000106?ar",
        r"night{\rtlch\fcs1 \deleted\revauthdel1 zz}jar",
        r"x{\*\do\dptxbx{\dptxbxtext\pard night\b jar\par}}",
        r"{\listtext night{\v zz}jar}",
        r"{\stylesheet{\*\cs5 zz;}}night{\*\cs5 jar}",
        r"{\listtext\uc3 night\u106?zzar}",
        r"\bin500 night{\v zz}jar",
    ],
)
def test_a_word_is_read_without_what_shows_nothing(source: str) -> None:
    assert "nightjar" in words(rf"{{\rtf1\ansi {source}}}")


@pytest.mark.parametrize("source", [r"night\emspace jar", "night\\\njar", r"night\column jar", r"night\endash jar"])
def test_what_parts_words_does(source: str) -> None:
    found = words(rf"{{\rtf1\ansi {source}}}")
    assert "nightjar" not in found
    assert any(word.startswith("night") for word in found)


@pytest.mark.parametrize(
    "source", [r"night\b jar", r"{\stylesheet{\*\cs5 zz;}}night", r"night{\*\bkmkstart a}jar", r"\bullet night\rquote s"]
)
def test_what_is_plain_is_read_once(source: str) -> None:
    assert len(rtf_text.read(rf"{{\rtf1\ansi {source}}}", Ledger(Budget(), 100), "part 1")) == 1


@pytest.mark.parametrize("before", ["\n", "\ufeff", " \r\n\t"])
def test_blanks_may_stand_before_it(before: str) -> None:
    texts = Anatomy(attached(f"{before}{{\\rtf1 night\\b jar}}".encode(), "a.rtf")).attachment_texts
    assert "nightjar" in [word for text in texts for word in text.text.split()]
