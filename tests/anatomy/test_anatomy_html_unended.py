"""Elements that never end, or end with what is around them; styles that only seem to hide; what browsers show of all that."""

import re

import pytest

from screener.anatomy.html import reader as html

# What Chromium shows as "nightjar".
UNENDED = [
    "the night<b style='display:none}'>jar sings",
    "the night<b style='display:none;display:inline'>jar sings",
    "the night<b style='display:none x'>jar sings",
    "the night<b hidden style='display:inline'>jar sings",
    "the night<b hidden=until-found>jar sings",
    "the night<i style='font-size:0}'>jar sings",
    "<p>the night<b style=color:red style=display:none>jar</p><p>sings</p>",
    "<div>the night<b style='display:none;display:inline'>jar</div>sings",
    "<table><td>the night<b style='display:none;display:inline'>jar<td>sings</table>",
    "<style>.h{display:none}</style><style>.h{display:inline}</style>the night<b class=h>jar sings",
    "<style>.h{display:none}}.h{display:inline}</style>the night<b class=h>jar sings",
    "<div style='display:none}'>the night<i style='display:none'>x</i>jar</div>",
    "the night<b style='display:none}'>j</b><i hidden>x</i>ar sings",
    "<i>night<span hidden>x</i>jar",
    "<b><i>night<span style='zoom:0'>x</i>jar",
    "<b style='zoom:1'><i>night<span style='zoom:0'>x</i>jar</b>",
    "nightjar<rp>x sings",
    "nightjar<audio>x",
    "nightjar<meter>x",
    "nightjar<b style='zoom:0'>x sings",
    "nightjar<plaintext>x",
]
IGNORED = [
    *(
        f"the night<{name} style=display:none>jar sings"
        for name in ("td", "tr", "tbody", "caption", "colgroup", "head", "frameset")
    ),
    *(f"the night<{name} hidden>jar<i hidden>x</i> sings" for name in ("track", "keygen", "image", "bgsound", "basefont")),
    "the night<track hidden>j<i hidden>x</i>ar sings",
    "the night<td style=display:none>j<i hidden>x</i>ar sings",
    "the<form>night</td>jar</form>sings",
    "the night</li>jar<optgroup>x</optgroup> sings",
]
NEVER_SHOWN = [
    "night<svg width=0 height=0>x</svg>jar",
    "night<svg width=0><g>x</g></svg>jar",
    "night<svg width=0><rect>x</rect></svg>jar",
    "night<math>x</math>jar",
    "night<textarea style='display:none'>x</textarea>jar",
    "night<xmp style='display:none'>x</xmp>jar",
    "<style>textarea{display:none}</style>night<textarea>x</textarea>jar",
]
FROM_THE_RIGHT = [
    "the n<span dir=rtl> ightjar</span> sings",
    "the night<bdi dir=rtl> jar</bdi> sings",
    "the <span dir=rtl>night </span>jar sings",
    "the night<span dir=rtl> jar",
    "<style>.r{direction:rtl;unicode-bidi:isolate}</style>the n<span class=r> ightjar</span> sings",
]

QUOTED = [
    "the <q>x</q>nightjar sings",
    "<style>q{quotes:'night' ''}</style>the <q>jar</q> sings",
    "<style>q{quotes:'' 'jar'}</style>the night<q></q> sings",
    "ni<fieldset style=--a:none;display:var(--a)>x</fieldset>ghtjar",
]

SHOWN_AGAIN = [
    "<p style='font-size:0'>ab<span style='font-size:16px'>nightjar</span>cd</p>",
    "<p style='visibility:hidden'>x<span style='visibility:visible'>nightjar</span>",
    "<p style='font-size:0'>x<span style='font-size:16px'>night</span>y<span style='font-size:16px'>jar</span></p>",
    "<style>.o{font-size:0}.i{font-size:16px}</style><p class=o>ab<b class=i>nightjar</b>cd</p>",
    "<style>.o{visibility:hidden}.i{visibility:visible}</style><p class=o>ab<b class=i>night</b>cd<b class=i>jar</b></p>",
    "<style>.o{font-size:0}.o b{font-size:16px}</style><p class=o>ab<b>nightjar</b>cd</p>",
    "<table style='font-size:0'><td style='font-size:16px'>the night<span style='display:none'>x</span>jar sings</table>",
    "<div style='display:none;display:block'>the night<b hidden>x</b>jar sings</div>",
    "<div style='max-height:0'>the night<b hidden>x</b>jar sings</div>",
    "<div style='opacity:0;opacity:1'>the night<b hidden>x</b>jar sings</div>",
]


@pytest.mark.parametrize("page", SHOWN_AGAIN + QUOTED + UNENDED + IGNORED + NEVER_SHOWN + FROM_THE_RIGHT)
def test_what_browsers_show_as_a_word_is_read_as_one(page: str) -> None:
    shown = html.read(page)
    text = "\n".join((shown.displayed, shown.joined, shown.otherwise, shown.hidden, shown.seamless))
    assert re.search(r"\bnightjar\b", text), text


def test_blanks_in_what_runs_from_right_to_left_anyway_stay() -> None:
    shown = html.read("<p dir=rtl>\u05e9<span dir=rtl> \u05dc\u05d5\u05dd </span>\u05d0</p>")
    assert "\u05e9\u05dc" not in shown.joined + shown.otherwise


def test_many_elements_that_never_end_are_read_in_lines_of_the_page_and_no_more() -> None:
    for unit in ("<b style=zoom:0>a", "<i><b style=zoom:0>a</i>b", "<b style='display:none}'>a</i>", "<b dir=rtl> a "):
        size = len(unit) * 5_000
        shown = html.read(unit * 5_000)
        assert len(shown.otherwise) + len(shown.hidden) + len(shown.joined) < 8 * size + 200_000
