"""Where HTML parts words and where it only seems to: borders that readers do not show are read both ways."""

import re

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
    letter = html.read("<html><body class=a>\n<p style='margin:0'>One.</p>\n<p>Two.</p>\n</body></html>")
    assert (letter.displayed, letter.otherwise) == ("One.\nTwo.", "")


APART = [
    "<a style='display:block'>[]</a><a style='display:block'>other</a>",
    "<span style='display:block'>x</span>[]",
    "<style>.m a{display:block}</style><div class=m><a>[]</a><a>other</a></div>",
    "<style>@media all{.M{Display : inline-block}}</style>x<b class=m>[]</b>y",
    "x<i style='display:inline-flex'>[]</i>y",
    "x<i style='display:inline flow-root'>[]</i>y",
    "x<i style='display:table-cell'>[]</i><i style='display:table-cell'>y</i>",
    "x<i style='margin-right:20px'>y</i><i style='float:right'>[]</i>z",
    "x<i style='padding:0 4px'>[]</i>z",
    "x<i style='position:absolute;left:9em'>[]</i>z",
    "x<i style='display:block'><i>[]</i></i>z",
    "x<i style='display:block'>[]<i>!</i></i>z",
    "x<img style='display:block'>[]<hgroup>y</hgroup>",
    "[]<sup>1</sup> []<sub>TM</sub> x<rt>[]</rt>",
    "<div style='display:flex;gap:9px'><span>x</span><span>[]</span></div>",
    "<div style='display: inline-flex'><div style='display:grid'><b>x</b><b>[]</b></div><b>[]</b>y</div>",
    "<style>a:before{content:' - '}</style>x<a>[]</a>",
    "<style>a:after{content:'|'}</style><a>[]</a><a>x</a>",
    "x<i style='display:block'></i>nig<p style='display:inline'>ht</p>jar",
    "x<i style='display:block'></i>night<i style='zoom:0'>y</i>jar",
    "<p style='display:block'>x</p><a style='display:block'>night<meta>jar</a>z",
]  # fmt: skip
TOGETHER = [
    "<p style='all:unset'>night</p><p style='all : initial'>jar</p>",
    "<div style='display:-webkit-inline-box'>night</div><div style='display:ruby'>jar</div>",
    "night<td></td>jar<th></th>",
    "<select><option>night<p>jar",
    "<svg>night<address>jar</svg>",
    "<math>night<legend>jar</math>",
    "<form>-<p>night<form>jar",
    "<form><b>night</form>jar",
    "<hr hidden><hr>night</hr>jar",
    "<ul><li>x<ul>night</li>jar",
    "hello night<table>jar",
    "<div style='display:flex'><div><p>x</p></div><div>night</div><div>jar</div></div>",
    "<style>.f{display:inline-grid}</style><div class=f><p>night</p><p>jar</p></div>",
    "<table cellspacing=0>" + "".join(f"<td>{letter}</td>" for letter in "nightjar") + "</table>",
    "<div>nig</div>" + "".join(f"<div>{letters}</div>" for letters in ("n", "ig", "ht", "j", "ar")) + "<div>jar</div>",
    "<p style='display:inline'>night</p><p style='display:inline'>jar</p>",
    "<div style='float:left'>night</div><div style='float:left'>jar</div>",
    "night<summary style='display:initial'>jar",
    "<style>[class~=b]{display:inline}</style>night<p class='a b'>jar",
    "<style>[ title=B i ]{display:inline}</style>night<p title=b>jar",
    "<style>p [*|title^=b]{display:inline}</style>night<p title=bc>jar",
    "night<p style='display: unset'>jar",
    "<style>.c{display:table-cell}</style><div class=c>night</div><div class=c>jar</div>",
    "<style>p:not(.a,.b){display:inline}</style><p>night</p><p>jar</p>",
    "<style>p[title='a, b']{display:inline}</style><p title='a, b'>night</p><p title='a, b'>jar</p>",
    "<style>body{color:red;& p{display:inline}}</style><p>night</p><p>jar</p>",
    "<style>p{b{color:red}display:inline}</style><p>night</p><p>jar</p>",
    "<style>b:after{content:'}'}p{display:inline}</style><p>night</p><p>jar</p>",
    "<span style='display:block;display:inline'>night</span><span style='padding:1px'>jar</span>",
    "<style>.a{display:block}</style><b class=a>night</b><b class=a>jar</b>",
    "<div style='display:inline-block'><div>night</div></div><div style='display:inline-block'>\n<div> <p>jar",
    "<span style='display:inline-block'><p>night</p> </span><span style='display:inline-block'><p>jar</p></span>",
    "<style>.f{display:flex}</style><div class=f><div><p>night</p></div><div><p>jar</p></div></div>",
    "<div style='display:grid'>\n<b>nig</b>\n <b>ht</b> <p>jar</p> </div>",
    "<div style='float:left'><p>night</p></div><div>jar</div>",
    "<div style='float:left'>night</div>\njar",
    "<div><b style='float:left'>night</b></div>jar",
    "<div><div><div style='float:left'>night</div></div> </div><p>jar",
    "<div style='float:left'>night</div> <b>jar</b>",
    "<b style='display:inline-block'> night </b>jar",
    "night<style>p{display:inline-block}</style><p>\n jar\n</p>",
    "<style>b{float:left}</style><b>night</b><p>jar",
    "night<div style='float:right'>x</div>jar",
    "<div style='float:left'>night</div></p><div>jar</div>",
    "<b style='float:left'>night</b><p></p><div> </div>jar",
    "<b style='float:left'>night</b> <!----> jar",
    "<b style='float:left'>night</b><i> <u> jar</u></i>",
    "night<b style='display:inline-block'><i> </i> jar</b>",
    "<b style='display:inline-block'>night <i> </i></b>jar",
    "<b style='float:left'>night</b>" + "\n<!---->" * 9 + "<p>jar",
    "<div style='display:inline-block'><p>night </p> </div><div style='display:inline-block'>jar</div>",
    "<b style='display:table-cell'>night</b> <b style='display:table-cell'>jar</b>",
    "<table align=left><td>night</table>jar",
    "night<table align=right><td>x</table>jar",
    "jar <b style='float:left'>night</b>",
    "jar<table align=Left><td>night</table>",
    "<div style='float:left'>night</div><p hidden>x</p><div>jar",
    "<div style='float:left'>night</div><form><input type=hidden></form><div>jar",
    "night <u style='margin-left:-4px'>jar</u>",
    "night<u style='word-spacing:-9px'> jar</u>",
    "<u style='word-spacing:-9px'>night </u>jar",
    "<div style='display:flex'>night<b hidden>x</b>jar<p>bye</p></div>",
    "<div style='display:flex'>night</td>jar<p>bye</p></div>",
    "<div style='display:flex'>night<input type=hidden>jar<p>bye</p></div>",
    "<div style='display:flex'>night </p> jar</div>",
    "<div style='display:flex'>night <b></b> jar</div>",
    "<div style='display:flex'>night <b>jar</b></div>",
    "<div style='display:flex'><b>night</b> <!----> jar</div>",
]


# Between words that no blank parts.
WIDE = [
    "<style>.x:before,.x:after{content:' '}</style>the<b class=x>nightjar</b>is",
    "<style>.x::before{content:'\\\\00a0';color:red}.x::after{content:\" \"}</style>the<b class=x>nightjar</b>is",
    "<style>i:after{content:' '}</style>the<i></i>nightjar<i></i>is",
    "<style>.x{border:5px solid transparent}</style>the<b class=x>nightjar</b>is",
    "the<b style='border-left:5px solid white'></b>nightjar<b style='border:medium solid #fff'></b>is",
    "the<b style='border-style:solid;border-color:#fff'>nightjar</b>is",
    "the<meter></meter>nightjar<meter></meter>is",
    "the<progress></progress>nightjar<progress value=1 max=2></progress>is",
    "the<marquee></marquee>nightjar<marquee></marquee>is",
    "the<marquee>nightjar</marquee>is",
]


@pytest.mark.parametrize("page", WIDE)
def test_what_has_a_width_parts_words(page: str) -> None:
    shown = html.read(f"<p>hello {page} bye</p>")
    assert "nightjar" in re.findall(r"\w+", f"{shown.displayed} {shown.joined} {shown.otherwise}")


@pytest.mark.parametrize("struck", ["<s>x</s>", "<del>x</del>", "<strike>xyz</strike>", "<s>x<b>y</b></s>", "<del cite=a>x</del>"])
def test_a_word_with_struck_letters_is_read_without_them_too(struck: str) -> None:
    for page in (f"<p>the night{struck}jar sings", f"<p>{struck}nightjar</p>", f"<div>the nightjar{struck} sings</div>"):
        shown = html.read(page)
        assert "x" in shown.displayed
        assert "nightjar" in re.findall(r"\w+", shown.otherwise), page


@pytest.mark.parametrize("between", APART)
def test_what_a_style_sets_apart_is_a_word_of_its_own(between: str) -> None:
    shown = html.read(f"<p>hello {between.replace('[]', 'nightjar')} bye</p>")
    found = re.findall(r"\w+", f"{shown.displayed} {shown.joined} {shown.otherwise}")
    assert found.count("nightjar") >= max(1, between.count("[]"))


@pytest.mark.parametrize("page", TOGETHER)
def test_blocks_beside_one_another_are_read_together(page: str) -> None:
    shown = html.read(f"<p>hello</p> {page} bye")
    assert "nightjar" in f"{shown.displayed} {shown.joined} {shown.otherwise} {shown.seamless}".split()


@pytest.mark.parametrize(
    "page",
    [
        "<p>One <span style='color:red;margin:0'>two</span>, <b style='padding:0'>three</b>.</p>",
        "<style>a{display:block;margin:4px}td{padding:3px;float:left}</style><a>One</a> <a>two</a><p>three</p>",
        "<div style='display:flex'><p>One <b>two</b>, <i>th</i>ree</p> </div><p>four</p><p>five</p><p>six",
        "<p>One <s>two</s> <del>three</del> <s style='border:0 none #123456'>four</s> <meter></meter>five",
        "<style>.c:before,.c:after{content:' '}i:after{content:''}</style><div class=c>One</div><p>t <i>w</i> o",
        "<ul style='margin:9px'><li style='display:list-item'>One<li>two</ul>",
    ],
)
def test_a_page_whose_styles_part_no_words_has_one_reading(page: str) -> None:
    shown = html.read(page)
    assert (shown.joined, shown.otherwise) == ("", "")


@pytest.mark.parametrize("word", ["night<wbr style='padding:1px'>jar", "n<s>x</s>ight<wbr style='padding:1px'>jar"])
@pytest.mark.parametrize("behind", ["</p>hello", "<section></section>hello", "<div>hello</div>"])
def test_a_block_behind_what_may_stand_in_a_line_parts_words_too(word: str, behind: str) -> None:
    shown = html.read(f"{word}<wbr style='float:left'>{behind}")
    assert "nightjar" in f"{shown.joined}\n{shown.otherwise}\n{shown.seamless}".split(), shown


def test_in_another_order_a_block_behind_what_floats_parts_words_too() -> None:
    shown = html.read("<div dir=rtl>jar<wbr style='padding:1px'>night<wbr style='float:left'></p>hello</div>")
    assert "nightjar" in shown.seamless.split(), shown


@pytest.mark.parametrize(
    "items",
    [
        "</u><p>night</p><p>jar</p>",
        "<p>night<p>jar",
        "<li>night<li>jar",
        "<dt>night<dd>jar",
        "night</p>jar",
        "<p>night</u></p><p>jar</p>",
        "<p>night<b></p><p>jar</p>",
        "<p>night</p></i><p>jar</p>",
        f"<p>{'<b>' * 99}night<p>jar</p>",
        "<a>night <a>jar",
    ],
)
def test_what_ends_without_an_end_tag_or_by_a_stray_one_is_arranged_too(items: str) -> None:
    shown = html.read(f"<i><div style='display:flex'>{items}</div></i> hello")
    assert "nightjar" in f"{shown.joined}\n{shown.otherwise}\n{shown.seamless}".split(), shown


def test_behind_what_is_arranged_blocks_part_words() -> None:
    shown = html.read("<section><div style='display:flex'><p>a</section><p>night</p><p>jar</p>")
    assert "nightjar" not in f"{shown.joined}\n{shown.otherwise}"
