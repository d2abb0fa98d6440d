"""Text that may be hidden is read with it and without it; what Outlook shows and others do not, too."""

import re

import pytest

from screener.anatomy.defects import Defect
from screener.anatomy.html import page as html_page
from screener.anatomy.html import reader as html
from screener.anatomy.message import Anatomy
from screener.anatomy.text import normalise

STYLED = [
    "<link rel=stylesheet href='data:text/css,.q%20i{display:none}'>night<i>xyz</i>jar",
    "<link rel=stylesheet href='data:text/css;base64,LnF7ZGlzcGxheTpub25lfQ=='>night<i class=q>xyz</i>jar",
    "<style>@import 'data:text/css,.q{display:none}';</style>night<i class=q>xyz</i>jar",
    "<style>i{display:none}</style>night<i>xyz</i>jar",
    "<style>p span{font-size:0}</style><p>night<span>xyz</span>jar",
    "<style>[data-x]{display:none}</style>night<i data-x=1>xyz</i>jar",
    "<style>i[lang=x]{display:none}</style>night<i lang=x>xyz</i>jar",
    "<sTyLe>i{display:none}</sTyLe>night<i>xyz</i>jar",
    "<style>.b:not(.c){display:none}</style>night<i class=b>xyz</i>jar",
    "<style>@media all{.b{display:none}}</style>night<i class=b>xyz</i>jar",
    "<style>@media screen { i, .b { visibility: hidden } }</style>night<i class=b>xyz</i>jar",
    "night<i class=b>xyz</i>jar<style>.b{display:none}</style>",
    "<style>.\\31 a{display:none}</style>night<i class=1a>xyz</i>jar",
    "<style>.é{display:none}</style>night<i class=é>xyz</i>jar",
    "night<i style='font:0 a'>xyz</i>jar",
    "night<i style='font-size:.1px'>xyz</i>jar",
    "night<i style='font-size:0.01em'>xyz</i>jar",
    "night<i style='display:inline-block;width:0;height:0;overflow:hidden'>xyz</i>jar",
    "night<i style='position:absolute;left:-9999px'>xyz</i>jar",
    "night<i style='zoom:0'>xyz</i>jar",
    "night<i style='zoom:0'>x<i>y</i>z</i>jar",
    "<style>i{display:none}</style>n<i>x</i>i<i>x</i>g<i>x</i>htj<i>x</i>ar",
    "<style>@media all{div{display:none}}</style>night<div>xyz</div>jar",
    "<style>[x]{display:none}</style>night<i x>xyz</i>jar",
    "<div style='opacity:.9'><span style='position:absolute'>night<i style='zoom:0'>xyz</i>jar</span></div>",
    "night<i style='zoom:0'>x<b style='opacity:.9'>y</b>z</i>jar",
    "night<i style='zoom:0'>x<b style='opacity:.9'>yz</i>jar",
    "night<i style='color:#fff'>xyz</i>jar",
    "<style>i{color:white}</style>night<i>xyz</i>jar",
    "<style>p *{font-size:0}</style>night<i>xyz</i>jar",
    "<style>i:nth-child(1){font-size:0}</style>night<i>xyz</i>jar",
    "<table bgcolor=black><td>night<font color=#000>xyz</font>jar</table>",
    "<i style='zoom:0'>" * 9 + "a" + "</i>" * 5 + " night<i style='zoom:0'>xyz</i>jar",
    "night<i style='float:right'>xyz</i>jar",
    "night<i style='display:inline-block;width:1px;height:1px;overflow:hidden'>xyz</i>jar",
    "<style>i{scale:0}</style>night<i>xyz</i>jar",
    "<ruby>night<rt>xyz</rt>jar</ruby>",
    "night<noscript>xyz</noscript>jar",
    "night<audio>xyz</audio>jar",
    "night<i style='zoom:0'>x </i><i style='zoom:0'>yz</i>jar",
    "night<!--[if !mso]><!-->xyz<!--<![endif]-->jar",
    "night<![if !mso]>xyz<![endif]>jar",
    "night<!--[if mso]>jar<![endif]-->",
    "night<!--[if gte mso 9]>j<![endif]-->ar",
    "night<!--[if mso]><b>jar</b><![endif]-->",
    "<!--[if mso]>night<![endif]--><!--[if mso]>jar<![endif]-->",
]
ADDED = [
    "<style>.a::after{content:'jar'}</style><b class=a>night</b>",
    "<style>@media all{b:after{color:red;content:\"j\" 'ar'}}</style>x <b>night</b>",
    "<style>#a::before{content:'nig\\68 t'}</style><b id=a>jar</b>",
    "<style>i::before{content:'night'}i::after{content:'jar'}</style><i></i>",
    "<style>[x]::after{content:attr(title)}</style><b x title=jar>night</b>",
    "<style>b::after{content:'x'}.a::after{content:'jar'}</style><b class=a>night</b>",
    "<style>.a:before{content:'night'}</style><div class=a>jar</div>",
    "<style>p::before{content:'night'}</style>x<p>j<b>ar</b></p>y",
    "<style>.a:after{content:'jar'}</style><div class=a>night</div>y",
    "<style>.a:after{content:'jar'}</style><div class=a><p>x</p>ni<b>ght</b></div>y",
    "<style>td:before{content:'ni'}td:after{content:'jar'}</style><table><tr><td>ght</td><td>y</td></tr></table>",
    "<style>.a:before{content:'ni'}.a:after{content:'jar'}</style>x<div class=a>ght</div>y",
    "<style>.a:before{content:'night';display:block}</style><div class=a>jar</div>",
    "<style>div:before{content:attr(title)}</style><div title=night>jar</div>",
    "<style>div:before{content:'night'}</style><div><b></b>jar</div>",
    "<b>night</b><img alt=jar src=x>",
    "<img alt=night><img alt='jar'>",
    "night<amp-img alt=jar></amp-img>",
    "night<b style='display:none;display:inline'>jar</b>",
    "<style media=print>.a{display:none}</style>night<b class=a>j<a href=x>ar</a></b>",
    "night<![CDATA[jar]]>",
    "night<noembed>jar</noembed>",
    "night<noframes>j<b>a</b>r</noframes>",
]
UNSEEN = [
    "<iframe style='display:none'>x</iframe>",
    "<iframe>x",
    "<iframe>x</iframe>",
    "<noembed>x</noembed>",
    "<noframes>x</noframes>",
]


def coloured(*styles: str) -> str:
    """A word whose every other letter is no letter of it, in these styles in turn."""
    pieces = [one for letter in "nightjar" for one in (letter, "x")][:-1]
    return "".join(f"<span style='{styles[number % len(styles)]}'>{one}</span>" for number, one in enumerate(pieces))


COLOURED = [
    coloured("color:#000", "color:#fff"),
    coloured("color:black", "color: Snow!important"),
    coloured("color:#222", "color:#fefefe", "color:#111", "color:rgb(255,255,254)"),
    coloured("color:#ffffff", "color:#000001"),
    coloured("color:#fff", "color:#000", "color:#eee", "color:#0000"),
    coloured("color:hsl(0,0%,5%)", "color:hsla(9,0%,99%,1)"),
    coloured("color:#123", "font-size:.1px"),
    coloured("font-weight:bold", "color:#fff"),
    coloured("color:red", "color:#fff", "color:#00f", "opacity:.01", "color:#070", "zoom:0.1"),
    "<font color=#000000>night</font><font color=FFFFFF>x</font><font color=#000000>jar</font>",
    "<style>.a{color:#000}.b{color:#fff}span{color:#ccc}</style>a-<span class=a>night</span><span class=b>x</span>"
    "<span class=a>jar</span>",
    "<style>i:not(.k){display:none}</style>-<i class=k>night</i><i>xx</i><i class=k>jar</i>",
    "<style>b:nth-child(2){display:none}</style>-<b>night</b><b>xx</b><b>jar</b>",
    "<style>b + b{display:none}</style>-<b>night</b><b>xx</b><i style='color:red'>jar</i>",
    "<style>b:nth-child(even){display:none}</style>-" + "<b>x</b>".join(f"<b>{letter}</b>" for letter in "nightjar"),
    "<div style='color:#000'>night<span style='color:#fff'>x</span><span style='color:#000'>jar</span></div>",
]


@pytest.mark.parametrize("page", COLOURED)
def test_letters_are_told_by_their_colours_from_what_stands_between(page: str) -> None:
    shown = html.read(f"<p>hello {page} bye</p>")
    assert "nightjar" in re.findall(r"\w+", shown.otherwise)
    assert "nightjar" not in shown.displayed


@pytest.mark.parametrize(
    "page",
    [
        "<p style='word-spacing:-.3em'>night jar",
        "<style>p{word-spacing: -6px}</style>x<p>night<b> jar</b> y",
        "x <span style='word-spacing:-1em'>night <i>jar</i></span> y",
        "night <b style='margin-left:-.3em'>jar</b>",
        "<style>b{margin: 0 -5px}</style><b>night</b> jar",
        "<p style='word-spacing:-9px'>night <b style='color:#fff'>z</b>jar",
        "<q style='word-spacing:-9px'><b style='color:#fff'>z</b>night jar</q>",
    ],
)
def test_blanks_that_a_style_takes_the_width_of_part_no_words(page: str) -> None:
    shown = html.read(f"<div>{page}</div>")
    assert "nightjar" in f"{shown.joined} {shown.otherwise} {shown.seamless}".replace("y", " ").replace("x", " ").split()


SHOWN_AGAIN = [
    "<p style='color:transparent'>ab<b style='color:#000'>nightjar</b>ef",
    "<p style='color:#fff'>ab<b style='color:#000'>nightjar</b>ef",
    "<style>p{color:white}b{color:black}</style><p>ab<b>nightjar</b>ef",
    "<i style='color:#fff'>ab<b style='color:#000'>night</b>xx<b style='color:#000'>jar</b>ef</i>",
    "<p style='color:#fff'>ab<b style='color:#000'>night<u style='margin:0'>j</u>ar</b>ef",
    "<p style='color:#fff'>ab<b style='color:#000'>night<i style='color:#fff'>xx</i>jar</b>ef",
    "<p style='color:transparent'>ab<b style='color:red'>night<i style='margin:0'>j</i>ar</b>ef",
    "<div style='font-size:.1px'>ab<b style='font-size:14px'>night</b> x <b style='font-size:14px'>jar</b>ef</div>",
    "<p style='letter-spacing:-1em'>ab<b style='letter-spacing:0'>nightjar</b>ef",
    "<p style='font-size:.1px'><b style='font-size:16px'>night</b> <b style='font-size:16px'>jar",
    "<style>[x]{font-size:.9px}</style><p x>ab <b style='font-size:16px'>night</b> <b style='font-size:16px'>jar</b> ef</p>",
    "<p style='letter-spacing:-1em'><b style='letter-spacing:0'>night</b> <b style='letter-spacing:0'>jar</b></p>",
    "<style>i{letter-spacing:-.5em}</style><i><b style='letter-spacing:0'>night</b> <b style='letter-spacing:0'>jar</b></i>",
    "<i style='letter-spacing:-1em'>ab<b style='letter-spacing:0'>nightjar</b>ef</i>",
    "<i style='filter:blur(9px)'>ab<b style='filter:none'>night</b>x<b style='filter:none'>jar</b>ef</i>",
    "<p style='color:#fff'>ab<b style='color:#000'>night</b><b style='color:red'>jar</b>ef",
    "<p style='color:#fff'><b style='color:#000'>night</b>-<b style='color:#000'>jar</b>",
    "<b style='color:rgba(0,0,0,0)'>ab<i style='color:#000'>nightjar</i>ef</b>",
    "<b style='color:#00000000'>ab<i style='color:#000'>nightjar</i>ef</b>",
    "<style>.h{color:#fff}</style><i style='margin:0'><i class=h>ab <i style='color:initial'>nightjar</i>ef</i></i>",
    "<div style='color:#fff;display:flex'><b>ab</b><b style='color:#000'>night</b><div style='color:#000'>jar</div>ef</div>",
    "<p style='color:#fff'>ab<b style='color:#000'>night</b><p style='color:#000;display:inline'>jar</p>ef",
    "<div style='color:transparent'>ab <i style='color:red;position:relative'>night</i><a style='color:red'>jar</a>ef</div>",
    "<i style='zoom:0'>x</i>night<i style='float:right'>x</i><i style='margin:0'>jar</i>",
]
WITHIN = [
    "<{0} style='font-size:0'>ab<b style='font-size:9px'>night</b>xx<p style='font-size:9px;display:inline'>jar</p>ef</{0}>",
    "night<{0} style='font-size:0'>ab<b style='font-size:9px'>j</b>xx<b style='font-size:9px'>ar</b>ef</{0}>",
    "<{0} style='font-size:0'>ab<b style='font-size:9px'>nig</b><i style='zoom:0'>y</i><b style='font:menu'>ht</b></{0}>jar",
    "night<{0} style='display:none;display:inline'>ja<i style='zoom:0'>x</i></{0}>r",
]


@pytest.mark.parametrize("page", SHOWN_AGAIN)
def test_what_shows_itself_again_in_hidden_text_is_read_by_itself(page: str) -> None:
    shown = html.read(page)
    assert "nightjar" in re.findall(r"\w+", shown.otherwise)
    assert "nightjar" not in shown.displayed.split()


@pytest.mark.parametrize("page", WITHIN)
@pytest.mark.parametrize("name", ["b", "x-y"])
def test_of_a_text_that_is_hidden_what_shows_itself_again_is_read_with_what_is_around(page: str, name: str) -> None:
    shown = html.read(f"hello {page.format(name)} bye")
    assert "nightjar" in re.findall(r"\w+", f"{shown.hidden} {shown.otherwise}")
    assert "nightjar" not in shown.displayed.split()


@pytest.mark.parametrize(
    "page",
    [
        "<style>p::first-letter{font-size:0}</style><p>xnightjar",
        "<style>.k:First-Letter{color:transparent}</style>y<div class=k> <p>(<b>x)</b>nightjar</div>",
        "<style>*::first-letter{visibility:hidden}</style><p><b>x</b>night<i>jar</i>",
    ],
)
def test_words_are_read_without_a_first_letter_that_may_be_hidden(page: str) -> None:
    assert "nightjar" in re.findall(r"\w+", html.read(page).otherwise)


@pytest.mark.parametrize("page", STYLED)
def test_what_may_be_hidden_is_read_both_ways(page: str) -> None:
    shown = html.read(f"<p>hello {page} bye</p><p>another line")
    assert "nightjar" in shown.otherwise
    assert "nightjar" not in shown.displayed
    assert "another" not in shown.otherwise, "only the lines that read otherwise"
    if "xyz</" in page:
        assert "xyz" in shown.displayed + shown.hidden


@pytest.mark.parametrize("page", ADDED)
def test_what_only_some_readers_show_joins_words(page: str) -> None:
    shown = html.read(f"<p>hello {page} bye</p>")
    assert "nightjar" in shown.otherwise
    assert "nightjar" not in shown.displayed


@pytest.mark.parametrize("between", UNSEEN)
def test_what_stands_in_a_frame_joins_and_is_found(between: str) -> None:
    shown = html.read(f"<p>hello night{between}</iframe>jar bye</p>")
    assert "nightjar" in shown.joined
    assert "x" not in shown.displayed
    assert "x" in shown.hidden.split()


@pytest.mark.parametrize(
    "page",
    [
        "night<a href='http://a.example/'>jar</a>",
        "night<i style='zoom:0'>xyz</i>jar",
        "night<!--[if mso]>jar<![endif]-->",
        "night<td>jar",
    ],
)
def test_hidden_text_is_read_as_it_would_show(page: str) -> None:
    assert "nightjar" in html.read(f"<p>hello</p><div style='display:none;display:block'>a {page} b</div>").hidden


@pytest.mark.parametrize(
    "page",
    [
        "<style>@media screen{.mobile{display:none}}</style><p>hello <span class=mobile>dear</span> reader</p>",
        "<style>td{width:100px;line-height:1.5}</style><table><tr><td>a</td><td>b</td></tr></table>",
        "a<p style='font:10px Arial;width:100%;height:50px;border-width:0;margin:0'>b</p>c",
        "<div style='display:none'>a b</div><p style='color:#333'>Dear <b style='color:red'>c</b>,</p><img alt=d><br>x",
        "<style>.a:after{content:'';clear:both}.b:before{content:'\\201c'}a{color:blue}</style><p>a <a class=a>b</a> c",
        "<!--[if mso]><table><tr><td><![endif]-->a<!--[if mso]></td></tr></table><![endif]-->b",
        "<p><span style='font-size:9pt'>a <b style='margin:0'>b</b> or <b style='margin:0'>c</b>, d.</span>",
        "<p style='font-size:.9em;opacity:0.8;letter-spacing:-0.5px'>a <a style='color:blue'>b</a> <a style='color:blue'>c</a>",
        "<p style='color:#111'>a, <a style='color:blue;display:inline-block'>b</a> or <a style='color:#900'>c</a>, d",
    ],
)
def test_what_hides_nothing_within_words_gives_no_further_text(page: str) -> None:
    assert html.read(page).otherwise == ""


def test_a_frame_brings_a_page_along() -> None:
    page = "<iframe srcdoc='night<b>jar</b> <!-- > -->sky&lt;i&gt;lark'></iframe>"
    assert html.read(page).displayed == "nightjar skylark"
    nested = "<iframe srcdoc=\"<iframe srcdoc='<iframe srcdoc=a>'></iframe>\"></iframe>" * 50
    assert isinstance(html.read(nested), html_page.Shown)


@pytest.mark.parametrize(
    "page",
    [
        "<!--[if mso]>night<b>jar</b><![endif]-->",
        "<!-- [if gte mso 9]><table><tr><td>n<i>ight</i>jar</td></tr></table><![endif]-->",
        "<!--[if mso]>night<b title='>'>&#106;ar<![endif]-->",
        "<!--[if mso]><v:rect><v:textbox><center>night<u>jar</u></center></v:textbox></v:rect><![endif]-->",
        "<!--[if mso]>night<b style='display:none'>x</b>jar<![endif]-->",
        "<noscript><!--[if mso]>night<b></b>jar<![endif]--></noscript>",
        "<iframe srcdoc='<!--[if mso]>night<b></b>jar<![endif]-->'></iframe>",
    ],
)
def test_what_outlook_alone_shows_is_read_as_a_page(page: str) -> None:
    assert "nightjar" in html.read(f"<p>hello</p>{page}<p>bye</p>").hidden.split()


@pytest.mark.parametrize(
    "page",
    [
        "<BDO DIR=RTL>rajthgin</BDO>",
        "<Bdo dir=rtl>rajthgin</bDO>",
        "<span style='unicode-bidi:bidi-override;direction:rtl'>rajthgin</span>",
        "<span style='direction:rtl;unicode-bidi:isolate-override'>rajthgin</span>",
        "<b style='direction: rtl; unicode-bidi: isolate; unicode-bidi: bidi-override'>rajthgin</b>",
        "<style>.r{direction:rtl;unicode-bidi:bidi-override}</style><span class=r>rajt<b>hgin</b></span>",
        "<STYLE>P{UNICODE-BIDI:ISOLATE-OVERRIDE;DIRECTION:RTL}</STYLE><P>rajthgin</P>",
        "<style>.r{direction:r\\74l;unicode-bidi:bidi-o\\verride}</style><i class=r>rajthgin</i>",
        "<style>bdo{direction:rtl}</style><bdo>rajthgin</bdo>",
        "<p dir=rtl><bdo>rajthgin</bdo></p>",
        "<bdo dir='&#114;tl'>rajthgin</bdo>",
        "<i style='direction:rtl;unicode-bidi:bidi&#45;override'>rajthgin</i>",
    ],
)
def test_turned_text_is_read_as_it_is_shown(page: str) -> None:
    mail = f"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>a {page} b</p>\r\n"
    assert any("nightjar" in text.text for text in Anatomy(mail.encode()).texts)


@pytest.mark.parametrize("media", ["text/x-amp-html", "text/watch-html", "text/x-watch-html"])
def test_pages_of_other_types_are_read_as_pages(media: str) -> None:
    mail = f"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: {media}\r\n\r\n<p>a night<i></i>jar</p>\r\n"
    assert any("nightjar" in text.text for text in Anatomy(mail.encode()).texts)


def test_many_elements_of_doubt_stay_within_bounds() -> None:
    shown = html.read("<style>i{display:none}</style>" + "n<i>x</i>" * 50_000)
    assert len(shown.otherwise) < 200_000
    assert html.read("<i style='zoom:0'>" * 50_000).otherwise == ""
    every = "n<i>x</i><img alt=a><!--[if mso]>b<![endif]--><p hidden>c</p>"
    shown = html.read("<style>i{display:none}i::after{content:'d'}</style>" + every * 20_000)
    assert len(shown.otherwise) < 8 * len(every) * 20_000


@pytest.mark.parametrize("fill", ["lorem ipsum ", "<b>lorem</b> <i>ipsum</i> "])
def test_of_a_long_line_what_is_near_is_read_otherwise(fill: str) -> None:
    shown = html.read(f"{fill * 5_000}the night<s>x</s>jar{fill * 5_000}sings<s>x</s>{fill * 5_000}")
    assert "the nightjarlorem ipsum" in shown.otherwise
    assert "singslorem ipsum" in shown.otherwise
    words = {"the", "nightjarlorem", "lorem", "ipsum", "singslorem", "x", "xx"}
    assert words.issuperset(re.findall(r"\w+", shown.otherwise)), "none is cut"
    assert len(shown.otherwise) < 60_000


@pytest.mark.parametrize("fill", [" ", "\u200b", "\u3164", "\u2060\u200b", "<col>"])
def test_in_a_long_line_what_shows_as_nothing_parts_no_words(fill: str) -> None:
    shown = html.read(f"silver n<s>x</s>ight {fill * 9_000}jar</p><p>golden n<s>x</s>ight{fill * 9_000} jar</p>")
    found = [" ".join(normalise(line).split()) for line in shown.otherwise.split("\n")]
    assert {"silver night jar", "golden night jar"} <= {*found}


MUCH = {
    "stretches": "n<i style='zoom:0'>x</i>" * 20_001,
    "spelt": "".join(f"<p>&#{0x4E00 + one}" for one in range(9_000)),
    "levels": "a<i style='zoom:0'>" * 9,
    "ways": "".join(f"<b style='color:#{one * 3}'>{'n' * 400}</b>" for one in "0369cf" * 3),
    "rules": "<style>" + "a{color:red}" * 10_001 + "</style>",
    "additions": "<style>b:after{content:" + "'x' attr(y)" * 20 + "}</style>",
    "attributes": f"<b title='{'x' * 70_000}' style=display:none>x</b>",
    "frames": "<iframe srcdoc='<p>x'></iframe>" * 1_001,
    "frames in frames": '<iframe srcdoc="<noframes><!--[if mso]>x<b></b><![endif]--></noframes>"></iframe>',
}


@pytest.mark.parametrize("page", MUCH.values(), ids=MUCH)
def test_what_is_more_than_is_read_is_told(page: str) -> None:
    head = b"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
    assert [one.defect for one in Anatomy(head + page.encode()).all_defects() if one.defect is not Defect.LONG_LINE] == [
        Defect.TEXT_TRUNCATED
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<style>" + "".join(f".c{one}{{color:red;width:{one}px}}" for one in range(5_000)) + "</style><p class=c1>a</p>",
        "<style>" + "".join(f".h{one}{{display:none}}" for one in range(2_000)) + "</style><p>night<b class=h1999>x</b>jar",
        "<p style='display:none'>" + "<p>" * 400 + "hidden</p>" + "</p>" * 400 + "night<b style='display:none'>x</b>jar",
        f"<style>b:not({'.c' * 400}){{display:none}}</style>night<b>x</b>jar",
        "<style>.f{display:flex}</style>" + "<div class=f>" * 9 + "<p>night<b style='display:none'>x</b>jar",
        "<style>.i{display:inline-block}</style>" + "<p class=i><p style='font-size:0'>" * 5 + "night<b style='zoom:0'>x</b>jar",
        "<table><tr><td style='padding:9px'>" + "<a style='color:red'>a</a><b style='color:#fff'>b</b>, " * 3_000 + "nightjar",
        "<style>i:first-letter{color:red}</style>" + "<b hidden><i>xnightjar</i></b>" * 300,
    ],
)
def test_big_pages_are_read_whole(page: str) -> None:
    shown = html.read(page)
    assert not shown.is_cut
    assert page.startswith("<style>.c") or "nightjar" in f"{shown.displayed} {shown.otherwise} {shown.hidden}"


ADDED_TWICE = [
    "<style>b::before{content:'foo';content:'night'}</style><b>jar</b>",
    "<style>b::before{content:'foo';&:hover{color:red} content:'night'}</style><b>jar</b>",
    "<style>b::before{content:'night';content:url(x)}</style><b>jar</b>",
    "<style>b::before{content:'night'} i b::before{content:'foo'}</style><b>jar</b>",
    "<style>i b::before{content:'foo'} b::before{content:'night'}</style><b>jar</b>",
    "<style>.k::before{content:'foo'} b::before{content:'night'}</style><b class=k>jar</b>",
    "<style>.k::before{content:'foo'} b::after{content:'jar'}</style><b class=k>night</b>",
    "<style>p::before{content:'night'}p::after{content:'jar'} i p::before{content:'foo'}</style><p></p>",
    "<style>p::before{content:'night'}p::after{content:'jar'} i p::after{content:'foo'}</style><p></p>",
    "<style>:root{--a:'night'}b::before{content:var(--a)}</style><b>jar</b>",
    "<style>:root{--A:'nig'}b::before{content:var( --A ) 'ht'}</style><b>jar</b>",
    "<style>b::before{content:var(--a,'night')}</style><b>jar</b>",
]


@pytest.mark.parametrize("page", ADDED_TWICE)
def test_of_what_sheets_add_every_choice_is_read(page: str) -> None:
    assert "nightjar" in html.read(page).otherwise
