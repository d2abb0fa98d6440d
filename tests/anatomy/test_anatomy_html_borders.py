"""Where HTML parts words and where it only seems to: borders that readers do not show are read both ways."""

import pytest

from screener.anatomy.html import reader as html

SHOW_NOTHING = [
    "<meta>", "<link>", "<param>", "<col>", "<colgroup>", "<frame>", "<frameset>", "<head>", "<body>", "</body>", "</html>",
    "<td>", "</td>", "<tr>", "<tbody>", "<caption>", "</table>", "</div>", "</ul>", "</li>", "</article>", "<option>", "</select>",
    "<img width=0 height=0>", "<input type=hidden>", "<input hidden>", "<br style='display:none'>", "<hr style='display:none'>",
    "<div style='display:none'></div>", "<p hidden></p>", "<div style='display:inline'></div>",
    "<div style='display:contents'></div>", "<iframe></iframe>",
    "<dialog></dialog>", "<textarea hidden></textarea>",
]  # fmt: skip
PART = [
    "<br>",
    "<p>",
    "</p>",
    "</br>",
    "<div>",
    "<hr>",
    "<div></div>",
    "<table><tr><td>",
    "<ul><li>",
    "<h1>",
    "<dialog open></dialog>",
]


@pytest.mark.parametrize("between", SHOW_NOTHING)
def test_what_shows_nothing_joins(between: str) -> None:
    shown = html.read(f"<p>hello night{between}jar bye</p>")
    assert "nightjar" in shown.joined
    assert "nightjar" not in shown.displayed, "to readers that do show a border, there is one"


@pytest.mark.parametrize("between", PART)
def test_what_shows_a_border_parts(between: str) -> None:
    shown = html.read(f"<p>hello night{between}jar bye</p>")
    assert "nightjar" not in shown.displayed + shown.joined


def test_cells_of_a_table_are_apart() -> None:
    shown = html.read("<table><tr><td>night</td><td>jar</td></tr><tr><td>and</td></tr></table>")
    assert (shown.displayed, shown.joined) == ("night\njar\nand", "")


def test_an_ordinary_page_has_one_reading() -> None:
    page = "<!doctype html><html><head><meta charset=utf-8></head><body><p>One</p> <img src=x> <p>two</p></body></html>"
    assert html.read(page).joined == ""
