"""Where a tag ends, attribute by attribute: no quote swallows a text that browsers show, none shows what they do not."""

from base64 import b64encode

import pytest

from screener.anatomy.html import reader as html
from screener.anatomy.html import tags as html_tags

# What html5lib 1.1 shows of them, too.
SHOWN = [
    ('<b a=b="x>nightjar<b "> y', "nightjar y"),
    ('<b ="x>nightjar<b "> y', "nightjar y"),
    ('<b/="x>nightjar<b "> y', "nightjar y"),
    ('<b a= ="x>nightjar<b "> y', "nightjar y"),
    ('<b a="1"="x>nightjar<b "> y', "nightjar y"),
    ('</b ="x>nightjar<b "> y', "nightjar y"),
    ('<p "a="x>nightjar<p ">y', "y"),
    ("<a href=http://x/?a='1>nightjar</a> it's <b>so</b>", "nightjar it's so"),
    ("<b 'a=\"'>x\">nightjar", "nightjar"),
    ("night<b 'a=\"'>x\">jar", "nightjar"),
    ("night<b a = '>x'b=\">y\"/>jar", "nightjar"),
    ("night<b a=/>jar", "nightjar"),
    ("night<b a=>jar", "nightjar"),
    ("night<b\xa0=\"x'>jar", "nightjar"),
    ("night<p<b>jar", "nightjar"),
    ("night<title>x</title a='>'>jar", "nightjar"),
]


@pytest.mark.parametrize(("page", "shown"), SHOWN)
def test_a_quote_begins_a_value_only_behind_a_name(page: str, shown: str) -> None:
    assert html.read(page).displayed.split() == shown.split()


def test_no_quote_takes_a_whole_page_away() -> None:
    page = '<b ="x>' + "<p>about project nightjar</p>" * 3 + '<b ">'
    assert html.read(page).displayed == "\n".join(["about project nightjar"] * 3)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_quote_that_is_never_closed_swallows_nothing(quote: str) -> None:
    shown = html.read(f"<a href={quote}http://a.example/>about nightjar</a> and more")
    assert shown.displayed == "about nightjar and more"
    assert "http://a.example/" in shown.hidden


def test_attributes_one_by_one() -> None:
    written = """ A="b=c" d='e"' F = g/h hidden i="j"k=l ="m" =n xlink:href=o p='q"""
    assert html_tags.pairs(written) == [
        ("a", "b=c"), ("d", 'e"'), ("f", "g/h"), ("hidden", ""), ("i", "j"), ("k", "l"), ('="m"', "n"), ("href", "o"),
        ("p", "'q"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written", ["<b a=\"'", "<b a='\"", "<b a=", '<b ="x>', "<b a=\"'>", "<b a='\">x", "</b \"='", "<b / ", '<style a="', "<sTyle "]
)
def test_rows_of_odd_quotes_are_read(written: str) -> None:
    page = written * 100_000
    assert len(html.read(page + "<p>x").displayed) <= len(page) + 1


@pytest.mark.parametrize("size", [2_000, 200_000])
def test_a_picture_written_into_a_page_is_no_text_and_hides_none_behind_it(size: int) -> None:
    picture = "data:image/png;base64,\r\n" + "Sexy" * (size // 4)
    shown = html.read(f"<p>hello</p><img src='{picture}' alt='project nightjar'><b style='background:url({picture})'>bye</b>")
    assert shown.displayed.split() == ["hello", "bye"]
    assert "project nightjar" in shown.hidden
    assert "Sexy" not in shown.hidden
    assert not shown.is_cut


def test_a_drawing_written_into_a_page_that_is_too_long_is_told() -> None:
    assert html.read(f"<p>hello</p><img src='data:image/svg+xml;base64,{'Sexy' * 50_000}' alt='project nightjar'>").is_cut


@pytest.mark.parametrize(
    "written",
    [
        "title='{} nightjar'",
        "src={} alt=nightjar",
        "src={} hidden title=nightjar",
        "alt='src={} nightjar'",
        "title='url({} nightjar'",
        "style='a:url({})' alt=nightjar",
        "style=\"content:'url({}/ nightjar)'\"",
    ],
)
def test_what_stands_behind_a_picture_or_only_looks_like_one_is_text(written: str) -> None:
    picture = f"data:image/png;base64,{'Sexy' * 300}"
    assert "nightjar" in html.read(f"<p {written.format(picture)}>hello</p>").hidden


@pytest.mark.parametrize(
    "page",
    [
        "<style>a::before{{content:attr(href)}}</style><a href='{}'>hello</a>",
        "<style>a::before{{content:attr(xlink\\:href)}}</style><a xlink:href='{}'>hello</a>",
        "<style>a::before{{content:var(--a)}}</style><a style='--a:attr(href)' href='{}'>hello</a>",
        "<li style=\"list-style-type:'url({}'\">hello",
        "<li style='list-style-type:&quot;url({}&quot;'>hello",
        "<li style='list-style-type:&#34;url({})&#34;'>hello",
        "<li style=\"/*'*/list-style-type:'url({})'/*'*/\">hello",
        "<li style=\"a:'\n;list-style-type:'url({})'\">hello",
    ],
)
def test_what_styles_show_of_attributes_is_text_whatever_it_begins_with(page: str) -> None:
    assert "nightjar" in html.read(page.format(f"data:image/png;base64,{'/nightjar' * 300}")).hidden


def test_what_is_marked_up_is_shown_by_frames_whatever_its_type_begins_with() -> None:
    document = b64encode(f"<html xmlns='http://www.w3.org/1999/xhtml'><p>nightjar</p>{' ' * 2_000}</html>".encode()).decode()
    assert "nightjar" in html.read(f"<iframe src='data:image/x+xml;base64,{document}'></iframe>").displayed


@pytest.mark.parametrize("quote", ["", "'", "&quot;"])
def test_a_picture_in_a_style_is_no_text_with_quotes_around_its_address(quote: str) -> None:
    picture = f"data:image/png;base64,{'Sexy' * 50_000}=="
    assert not html.read(f'<b style="color:red;background:url({quote}{picture}{quote})">hello</b>').is_cut
