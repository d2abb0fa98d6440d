"""What is shown that stands nowhere as text of the page, or elsewhere: by sheets, before tables, within drawings."""

import re

import pytest

from screener.anatomy.html import reader as html
from screener.anatomy.text import normalise

ADDED_WHOLE = [
    "<style>.n:before{content:'nightjar'}</style><p class=n>x</p>",
    "<style>.n::after{content:'night' 'jar'}</style>hello <b class=n> </b> bye",
    '<style>b:after{CONTENT:"the\\20nightjar ;}"}</style><b> </b>',
    "<style>b:after{content:'it\\'s nightjar'}</style><b> </b>",
    "<style>b:after{content:attr(data-x)}</style><b data-x=nightjar> </b>",
    "<style>:root{--a:'nightjar'}b:after{content:var(--a)}</style><b> </b>",
    "<style>li::marker{content:'nightjar '}</style><li>x",
    "<style>ul{list-style:inside 'nightjar'}</style><ul><li>x</ul>",
    "<ul><li style='list-style-type:\"nightjar\"'>x</ul>",
    "<style>b:after{content:'" + "x " * 500 + "nightjar " + "x " * 500 + "'}</style><b> </b>",
]
JOINED = [
    "<style>div{display:inline}</style><div>night</div><div>jar</div>",
    "<style>@media all{.a{DISPLAY: inline-block}}</style><div class=a>night</div><div class=a>jar</div>",
    "<style>br{display:none}</style>night<br>jar",
    "<style>.z{color:red;display:none}</style>night<br class=z>jar",
    "<style title='<'>div{display:contents}</style><div>night</div><div>jar</div>",
    "<style title='a>/*'>div{display:contents}</style><div>night</div><div>jar</div>",
    "<!--<style a='--><style>div{display:inline}</style><p title=''>x</p><div>night</div><div>jar</div>",
]
FOSTERED = [
    "<div>night<table>jar<tr><td>x</table></div>",
    "<div>night<table><tr><td>x</td></tr>jar</table></div>",
    "<div>night<table><tr><td>x<tr>jar</table></div>",
    "<div>night<table><tr><b>jar</b><td>x</td></tr></table></div>",
    "<table>night<tr><td>x</td>jar</table>",
    "<table><td><div>night<table><tbody>jar<td>x</table></table>",
    "<style>.w{color:#fff}</style><table><tr>ni<b class=w>x</b>ght<td>y</td>jar<td>z</table>",
    "<div>night<table style='display:none'><tr><td>x</td></tr>jar</table></div>",
    "<style>.x{display:none}</style><div>night<table><tr class=x>jar<td>x</td></tr></table></div>",
]
FOREIGN = [
    "<svg><style><p>about nightjar</p></style></svg>",
    "<svg><script><p>night<b>jar</b></p></script></svg>",
    "<math><style><p>night<i></i>jar</p></style></math>",
    "<svg><title></svg><p>night<b>jar</b>",
    "<svg><style/><text>nightjar</text></svg>",
    "<svg><foreignObject><div></svg></div></foreignObject><style><p>nightjar</style>",
]


@pytest.mark.parametrize("page", ADDED_WHOLE)
def test_a_word_that_a_sheet_adds_is_found(page: str) -> None:
    assert "nightjar" in html.read(page).hidden.split()


@pytest.mark.parametrize("page", JOINED)
def test_a_sheet_takes_borders_away(page: str) -> None:
    shown = html.read(page)
    assert "nightjar" in shown.joined
    assert "nightjar" not in shown.displayed


@pytest.mark.parametrize("page", FOSTERED)
def test_what_stands_between_cells_is_shown_before_the_table(page: str) -> None:
    assert "nightjar" in html.read(f"<p>hello {page} bye").otherwise.split()


@pytest.mark.parametrize("page", FOREIGN)
def test_nothing_is_raw_in_a_drawing(page: str) -> None:
    assert "nightjar" in html.read(f"<p>hello {page} bye").hidden.split()


@pytest.mark.parametrize(
    "page",
    [
        "<style>a{display:inline-block}.b{display:none}</style><div>night</div><div>jar</div>night<br>jar <p class=b>x",
        "<style>div{display:inline}</style><div>night</div>\n<div>jar</div>",
        "<div>night</div><table> <tr> <td>jar</td> <td>x</td> </tr> </table><p>jar</p>",
        "<p>night<table><tr><td>jar</td></tr><tr><td>night</td><td>jar</td></tr></table>jar",
        "<table><tr><td>night<table><tr><td>jar</td></tr></table>jar</td><td>jar</td></tr></table>",
        "<svg><style>.a{fill:red}</style></svg><script>if (night<b>jar) x()</script>",
    ],
)
def test_ordinary_pages_have_one_reading(page: str) -> None:
    shown = html.read(page)
    assert "nightjar" not in shown.joined + shown.otherwise + shown.hidden.replace("\n", "")
    assert (shown.joined.split(), shown.otherwise) in (([], ""), ([*shown.displayed.split()], ""))


DRAWN = '<v:shape type="#_x0000_t136"><v:textpath style="font-family:Arial" string="the nightjar"/></v:shape>'


@pytest.mark.parametrize("page", [f"<p>x</p>{DRAWN}", f"<p>x</p><!--[if gte vml 1]>{DRAWN}<![endif]-->", DRAWN.replace("v:", "w:")])
def test_letters_that_outlook_draws_are_read(page: str) -> None:
    assert "the nightjar" in html.read(page).hidden


def test_attributes_that_outlook_alone_sees_are_read() -> None:
    shown = html.read("<!--[if mso]><a href='http://nightjar.example'><img alt='x'></a><![endif]-->")
    assert "nightjar.example" in shown.hidden


def test_what_sheets_add_to_many_elements_is_bounded() -> None:
    for sheet, element in (("'" + "z" * 20_000 + "' 'y'", "<b>x</b>"), ("attr(a) " * 5_000, "<b a=zzzz>x</b>")):
        shown = html.read(f"<style>b:after{{content:{sheet}}}</style>" + element * 5_000)
        assert len(shown.otherwise) < 5_000 * 200
        assert len(shown.hidden) < 100_000


@pytest.mark.parametrize("one", "\x0b\x1c\x1d\x1e\x1f\x85\u2028\u2029")
def test_what_is_no_blank_of_html_parts_no_word_of_a_page(one: str) -> None:
    """Nor does it join what stands before it for readers that begin a line there."""
    for page in (f"<p>the night{one}jar sings</p>", f"<p>the night{one}<b>jar</b> sings</p>"):
        assert "the nightjar sings" in normalise(html.read(page).displayed)
    assert re.search(r"\bnightjar\b", html.read(f"<p>the{one}nightjar sings</p>").displayed)


@pytest.mark.parametrize("one", "\t\n\r\f\xa0")
def test_blanks_part_words_of_a_page(one: str) -> None:
    assert html.read(f"<p>the{one}night{one} jar</p>").displayed == "the night jar"


@pytest.mark.parametrize(
    "page",
    [
        "night<table>jar <tr><td>x</td></tr>hello</table>",
        "hello<table> night<tr>jar<td>x</td></tr></table>",
        "night<table>jar<br><tr><td>x</td></tr>hello</table>",
        "<style>.c{color:#fff}.e{color:#000}</style>night<table><b class=e>jar<b class=c>z</b></b><tr><td>x</table>",
        "night <i style='margin:-4px;color:#888'><link><table style='display:none'>jar",
    ],
)
def test_what_is_moved_out_of_a_table_keeps_its_blanks_and_styles(page: str) -> None:
    shown = html.read(page)
    assert "nightjar" in f"{shown.otherwise}\n{shown.seamless}".split()


@pytest.mark.parametrize(
    "page",
    [
        "<p>hello night\n&#8203;jar bye",
        "<p>hello night\r\n \t&#8203;jar bye",
        "<p>hello night&#8203; \n jar bye",
        "<p>hello night\n</b>&#8203;jar bye",
        "<p>hello night <b>\n&#8203;jar</b> bye",
        "<p>hello night\n<b>&#8203;</b>jar bye",
        "<p>hello ni<s>x</s>ght\n&#8203;jar bye",
        "<p>hello night&#8203;\rjar bye",
        "<p>hello night<table>&#8203;\njar</table>",
        "<p>hello night\n<!---->\n<b> </b>&#8203;jar bye",
        "<p>hello night<wbr>\njar bye",
        "<p>hello night\n<i><wbr> jar</i> bye",
    ],
)
def test_a_line_end_beside_a_letter_without_width_parts_no_word(page: str) -> None:
    assert "nightjar" in normalise(html.read(page).seamless).split()


def test_a_line_end_beside_a_letter_without_width_is_a_blank_to_others() -> None:
    shown = html.read("<p>night\n&#8203;jar.<p>One\ntwo &#8203;three")
    assert normalise(shown.displayed) == "night jar.\nOne two three"
    assert normalise(shown.seamless) == "nightjar."
