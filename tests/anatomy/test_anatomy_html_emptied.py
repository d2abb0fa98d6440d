"""What is hidden and keeps its place parts words; what is hidden beside a word is none of its letters."""

import re

import pytest

from screener.anatomy.html import reader as html

HIDING = [
    "<font color=white>x</font>",
    "<span style='visibility:hidden'>x</span>",
    "<span style='opacity:0'>x</span>",
    "<span style='color:transparent'>x</span>",
    "<span style='color:#fff;background:#fff'>x</span>",
    "<s class=h>x</s>",
    "<s class=c>x</s>",
    "<s id=t>x</s>",
]
SHEET = "<style>.h{visibility:hidden}.c{color:#fefefe}#t{opacity:0}</style>"
GONE = "<u style='display:none'>y</u>"


def words(page: str) -> list[str]:
    shown = html.read(f"{SHEET}<p>{page}</p>")
    return re.findall(r"\w+", "\n".join((shown.displayed, shown.joined, shown.otherwise)))


@pytest.mark.parametrize("one", HIDING)
@pytest.mark.parametrize(
    "page",
    [
        "the{0}nightjar{0}is",
        "the {0}nightjar is",
        "the nightjar{0} is",
        "{0}nightjar",
        "the{0}night" + GONE + "jar{0}is",
        "the night{0}jar is",
    ],
)
def test_a_word_beside_hidden_letters_is_found(page: str, one: str) -> None:
    assert "nightjar" in words(page.format(one))


def test_letters_in_colours_that_touch_no_word_are_read_once() -> None:
    page = "<p>Hello <font color=white>dear</font> <b style='color:red'>friend</b>, <i style='color:#eee'>how</i> are <u>you</u>?"
    shown = html.read(page)
    assert (shown.joined, shown.otherwise) == ("", "")


def test_many_that_lie_in_one_another_are_followed_where_they_end() -> None:
    page = "<div style='color:red'>" * 9 + "<p>the <font color=white>x</font>nightjar"
    assert "nightjar" in words(page)
    assert not html.read(page).is_cut
