"""Words that readers put together from what does not stand in that order."""

import pytest

from screener.anatomy.html import reader as html
from screener.anatomy.html.layout import RIGHT
from screener.anatomy.html.order import Order
from screener.anatomy.html.views import MAYBE

TURNED = [
    "<span style='float:right'>jar</span><span style='float:right'>night</span>",
    "<p>x</p><span style='FLOAT : Right'>jar</span>\n<span style='float:right'>night</span><p>y</p>",
    "<span style='float:right'>jar</span>night",
    "night<b style='float:right'>r</b><b style='float:right'>ja</b>",
    "<style>.r{float:right}</style><b class=r>jar</b><b class=r>night</b>",
    "<style>div{float:right}</style><div>jar</div><div>night</div>",
    "<div style='float:right'>jar</div><div style='float:right'>night</div>",
    "<div dir=rtl><span style='display:inline-block'>jar</span><span style='display:inline-block'>night</span></div>",
    "<div style='direction:rtl'><i style='display:inline-block'>jar</i><i style='display:inline-block'>night</i></div>",
    "<style>.d{direction:rtl}</style><p class=d><i style='display:inline-block'>jar</i><i style='display:inline-block'>night</i>",
    "<div style='display:flex;flex-direction:row-reverse'><span>jar</span><span>night</span></div>",
    "<div style='display:flex;flex-flow:row-reverse nowrap'><div>jar</div><div>night</div></div>",
    "<style>p{display:flex;flex-direction:row-reverse}</style><p><i>r</i><i>ja</i><i>night</i></p>",
    "<div style='display:flex'><span style='order:2'>jar</span><span style='order:1'>night</span></div>",
    "<div style='display:flex'><i style='order:3'>r</i><i style='order:1'>nig</i><i style='order:2'>htja</i></div>",
    "<div style='display:flex'><span>jar</span><span style='order:-1'>night</span></div>",
    "<style>.b{order:2}</style><div style='display:flex'><span class=b>jar</span><span>night</span></div>",
    "<div style='display:grid'><div style='grid-column:2'>jar</div><div style='grid-column:1;grid-row:1'>night</div></div>",
    "<b style='position:absolute;left:40px'>jar</b><b style='position:absolute;left:0'>night</b>",
    "<b style='position:absolute;right:0'>jar</b><b style='position:absolute;right:2.5em'>night</b>",
    "<table dir=rtl cellspacing=0 cellpadding=0><tr><td>jar</td><td>night</td></tr></table>",
    "<table dir=rtl><tr><td>jar<td>night</table>",
    "<div dir=rtl><table><tr><td>r</td><td>htja</td><td>nig</td></tr></table></div>",
]
AMONG_OTHERS = [
    "hello <b style='float:right'>jar</b><b style='float:right'>night</b> bye",
    "<p style='display:flex'><i style='order:2'>ja<u style='padding:1px'>r</u></i><i style='order:1'>night</i>",
    "<p style='display:flex'><i style='order:2'>ja<u style='padding:1px'>r</u></i><i style='order:1'>n<u style='padding:1px'>ight",
    "<style>b{float:right}</style>x<b>jar</b> <b>ht</b> <b>nig</b>y",
    "hello <b style='float:right'>jar</b>night",
    "<p dir=rtl>hello <i style='display:inline-block'>jar</i><i style='display:inline-block'>night</i> bye",
    "<style>i{display:inline-block}</style><p dir=rtl><i>hello</i> <i>jar</i><i>night</i>",
]
PHRASES = [
    "<table dir=rtl><tr><td>jar</td><td>night</td></tr></table>",
    "<div dir=rtl><table><tr><td>jar<td>night</table></div>",
    "<div style='display:flex;flex-direction:column-reverse'><div>jar</div><div>night</div></div>",
]


@pytest.mark.parametrize("page", TURNED)
def test_what_is_shown_in_another_order_is_read_so(page: str) -> None:
    shown = html.read(page)
    assert "nightjar" in shown.seamless.replace("hellonight", "night"), shown
    assert "nightjar" not in f"{shown.displayed}\n{shown.joined}", "to readers that know no styles it stands as it stands"


@pytest.mark.parametrize("page", AMONG_OTHERS)
def test_what_is_shown_in_another_order_is_a_word_of_its_own(page: str) -> None:
    assert "nightjar" in html.read(page).seamless.split()


@pytest.mark.parametrize("page", PHRASES)
def test_what_is_shown_apart_in_another_order_is_read_so(page: str) -> None:
    assert "night\njar" in html.read(page).otherwise


def test_an_ordinary_layout_has_one_reading() -> None:
    row = "<tr><td><p>First text.</p><p>more</p></td><td width=20></td><td><a style='float:left'>Second</a></td></tr>"
    shown = html.read("<table cellspacing=0 cellpadding=0 width=600>" + row * 3 + "</table>")
    assert shown.otherwise == ""


GROWING = {
    "floats": "<b style='float:right'>a</b>",
    "ordered": "<div style='display:flex'><i style='order:2'>a</i><i style='order:1'>b</i></div>",
    "one line": "<i style='display:inline-block'>a</i>",
    "cells": "<td>a</td>",
    "rows": "<tr><td>a</td><td>b</td></tr>",
    "nested": "<table cellspacing=0 cellpadding=0><tr><td>a</td><td>b",
    "columns": "<col>" * 50_000 + "<i style='float:left'></i>",
}


@pytest.mark.parametrize("every", GROWING.values(), ids=GROWING)
def test_of_many_not_more_is_read_than_there_is_room_for(every: str) -> None:
    head = "<body dir=rtl><table cellspacing=0 cellpadding=0>"
    count = 300_000 // len(every)
    shown = html.read(head + every * count)
    assert len(shown.otherwise) <= 6 * (len(shown.displayed) + 20_000)


def test_of_many_blanks_between_borders_one_is_kept() -> None:
    order = Order(["a", *[MAYBE, " "] * 1_000, "b"])
    order.place(2, RIGHT)
    assert list(order._items()) == [[("a", 0.0), ("  b", RIGHT)]]
