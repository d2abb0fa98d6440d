"""Letters of RTF that nobody sees between others."""

import pytest

from screener.anatomy.budget import Budget
from screener.anatomy.ledger import Ledger
from screener.anatomy.rtf import text as rtf_text

HEAD = r"{\rtf1\ansi{\colortbl;\red0\green0\blue0;\red255\green255\blue255;\red200\green0\blue0;\red31\green56\blue100;}"
HEAD += r"{\stylesheet{\*\cs12 \v Hid;}}"


def texts(source: str) -> tuple[str, ...]:
    return rtf_text.read(HEAD + source + "}", Ledger(Budget(), len(source)), "part 1")


@pytest.mark.parametrize(
    "source",
    [
        r"night\cf2 xy\cf0 jar",
        r"night{\cf2 xy}jar",
        r"night{\fs2 xy}jar",
        r"night\fs0 xy\fs22 jar",
        r"night{\rtlch\fcs1 \af0 \ltrch\fcs0 \fs1\insrsid1402541 x y}{\rtlch\fcs1 \af0 \ltrch\fcs0 jar}",
        r"night{\cs12 xy}jar",
        r"night\cf4\highlight4 xy\plain jar",
        r"night\charscalex1 xy\charscalex100 jar",
        r"{\cs1 n}{\cf2 x}{\cs1 ight}{\cs12 x}{\cs1 jar}",
        r"{\cs1 night}{\cs12 x}{\cs1 jar}",
        r"{\cf2 xy}nightjar",
        r"{\cf2 x}{\fs2 y}\cf2 z\cf0 night\'6aar",
        r"n\u105?ght{\cf2 \'7a\u105?}jar",
    ],
)
def test_a_word_is_seen_without_what_is_not(source: str) -> None:
    assert "nightjar" in [word for one in texts(source) for word in one.split()]


@pytest.mark.parametrize("source", [r"night{\cf3 jar}", r"white {\cf2 words} here", r"night{\fs90 j}ar", r"night\'5c\cf2\cf0 jar"])
def test_what_is_seen_is_read_once(source: str) -> None:
    assert len(texts(source)) == 1
