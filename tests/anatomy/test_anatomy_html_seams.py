"""Words that go on over borders of elements: how a page is laid out is not worked out, so none of them parts a word for good."""

import pytest

from screener.anatomy.html import reader as html
from screener.anatomy.html import seams
from screener.anatomy.text import closed_up, normalise, without_strays

BESIDE = [
    "<table>night<tr>jar</tr><p>bye</p>",
    "<div style='display:flex'>night<p></p>jar<p>bye</p>",
    "<b style='float:left'>night</b><u style='position:relative'></u><p style='margin:0'>jar",
    "<div style='display:flex'><b style='display:contents'><p>night</p> <p>jar</p></b></div>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>hello</td><td>ni</td><td>gh</td><td></td><td>tjar</td><td>bye</td></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night\u200b</td><td>\xadjar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td rowspan=2>night</td></tr><tr><td>jar</table>",
    "<table><tr><td>night</td>, between<td>jar</table>",
    "<table><tr><td>night<td>j</td>.<td>ar</td></tr>, <tr><td>x</table>",
    "<table cellspacing=0 cellpadding=0><tr><td>a<br>night</td><td>b<br>jar</table>",
    "<table hidden>night<tr><table hidden>jar",
    "hello night<table hidden><table>jar</table>",
    "<p>night<table hidden>&#8203;\njar",
    "<style>p{display:inline-table;margin:0}</style>hello night<font></p>jar</font>",
    "night<b style='display:none'>x</b><table><td>jar",
    "<td>n<td>i<td>g<td>h<td>t<td>j<td>a<td>r",
    "<iframe srcdoc='<table>night<tr>jar</tr><p>bye</p>'></iframe>",
    "<!--[if mso]><table>night<tr>jar</tr><p>bye</p><![endif]-->",
]


@pytest.mark.parametrize("page", BESIDE)
def test_what_follows_letter_upon_letter_is_read_as_one_word(page: str) -> None:
    assert "nightjar" in html.read(page).seamless.replace("\u200b", "").replace("\xad", "").split()


def test_phrases_are_read_over_borders_with_what_is_near() -> None:
    assert "your nightjar sings" in html.read("<p>all of your night<p>jar sings<p>").seamless
    assert "the night jar" in html.read("<td>the n</td><td>ight j</td><td>ar</td>").seamless


def cells(*texts: str) -> str:
    return f"<table cellspacing=0 cellpadding=0><tr><td>{'</td><td>'.join(texts)}</td></tr></table>"


@pytest.mark.parametrize(
    ("word", "page"),
    [
        ("nightjar", cells("ni", "g" + "\xad" * 50 + "ht", "jar")),
        ("nightjar", cells("nig" + "\u0336" * 50 + "ht", "jar")),
        ("nightingale", cells("hello") + cells(*"nightingale") + "<p>bye"),
        ("nightingale", cells(*"something") + cells(*"nightingale") + cells(*"whatever")),
        ("nightjar", "<style>.a:before{content:'ght'}</style><td>ni</td><td class=a>jar"),
        ("nightjar", "<style>.a::first-letter{font-size:0}</style><td>night</td><td class=a>xjar"),
        ("covid19", cells("covid1", "9")),
        ("covid19", cells("c", "ovid", "1", "9")),
        ("evil.example", cells("evil", ".example")),
        ("evil.example", cells("evil.", "example")),
        ("follow-up", cells("follow", "-", "up")),
        ("the night jar", cells("th", "e ni", "ght", "&nbsp;", "j", "ar")),
        ("night jar", cells("ni", "ght ", "ja", "r")),
    ],
)
def test_long_words_names_of_hosts_and_what_nobody_sees_go_on_over_borders(word: str, page: str) -> None:
    lines = without_strays(normalise(html.read(page).seamless)).split(seams.APART)
    assert word in [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize(
    "page",
    [
        "<table><td>night<td hidden>.<td>jar",
        "<table><td>night<td><span hidden>.</td><td>jar",
        "<table><td>night<tr hidden><td>.<tr><td>jar",
        "<table><td>night<tbody hidden><td>.<tbody><td>jar",
        "<div style='display:flex'>night<table><td hidden>.</table>jar</div>",
        "<div style='display:flex'>night<p hidden>.<p>jar",
        "<ul style='display:flex'><li>night<li hidden>.<li>jar",
    ],
)
def test_what_is_hidden_ends_where_cells_rows_and_paragraphs_do(page: str) -> None:
    shown = html.read(page)
    assert shown.displayed.split() == ["night", "jar"]
    assert "nightjar" in shown.seamless.split()


@pytest.mark.parametrize(
    "page",
    [
        "<table><td>a<td hidden>b<table><tr><td>c<td>d</tr></table>e</td><td>f",
        "<table><td>a<tr hidden><td>b<td>c<td><p>d</p>e</tr><tr><td>f",
        "<table><td>a<td><p hidden>b<table><td><p>c</p></table><b>d</b>e</p>f",
        "<table><td>a<td><span hidden>b</caption>c</span>f",
        "<ul><li>a<li hidden>b<ul><li>c<li>d</ul>e</li><li>f",
        "<div>a</div><div hidden>b<td>c<tr>d</td><p>e</p></div><div>f",
    ],
)
def test_what_is_hidden_goes_on_behind_what_ends_within(page: str) -> None:
    assert html.read(page).displayed.split() == ["a", "f"]


def test_what_is_read_apart_is_no_phrase_and_no_word_of_chinese() -> None:
    seamless = html.read("<td>x<td>今日<td>。<td>本店<td>y<td>.<td>a</td>").seamless
    assert "今日" in seamless
    assert "本店" in seamless
    assert "日本" not in closed_up(normalise(seamless))


@pytest.mark.parametrize(
    "page",
    [
        "<p>Dear reader,</p><p>one two.</p><ul><li>Three;</li><li>(four)</li></ul>",
        "<table><tr><td>12</td><td>34</td></tr></table>",
        "<p>night <b>jar</b></p>",
        "<p>night&nbsp;<p>jar",
    ],
)
def test_stops_blanks_and_numbers_part_what_they_stand_between(page: str) -> None:
    assert html.read(page).seamless == ""


def test_what_is_near_is_whole_words() -> None:
    long = "word " * 100
    assert html.read(f"<p>{long}night</p><p>jar {long}</p>").seamless == f"{'word ' * 6}nightjar{' word' * 7}"


GROWING = {
    "letters": "<td>a",
    "words": "<td>nightjar",
    "phrases": "<td>night jar",
    "hidden": "<td>a<b hidden>b</b>",
    "rows": "<tr><td>a<br>b<td>c<br>d",
    "without width": "<p>a\n\u200b",
}


@pytest.mark.parametrize("every", GROWING.values(), ids=GROWING)
def test_of_many_not_more_is_read_than_there_is_room_for(every: str) -> None:
    shown = html.read("<table>" + every * (300_000 // len(every)))
    assert len(shown.seamless) <= 6 * (len(shown.displayed + shown.hidden) + 50_000)


def test_of_too_many_those_over_one_border_come_first() -> None:
    letters = [chr(0x4E00 + one) for one in range(20_000)]
    found, is_cut = seams.lines([letters, ["night", "jar", "bye"]])
    assert is_cut
    assert {"".join(letters[:2]), "".join(letters[-2:]), "nightjar", "jarbye"} <= {*found}
