"""Words that readers put together from what does not stand in that order, or in cells without space between them."""

import time

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
ABUTTING = [
    "<table cellspacing='0px' cellpadding='00'><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing=' 0 ' cellpadding=' 0 '><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0><tr><td style='padding:0in 0in 0in 0in'>night</td><td style='padding:0cm'>jar</td></tr></table>",
    "<table style='border-spacing:.0em'><tr><td style='padding:0.01px'>night</td><td style='padding:-0px'>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td width=0 style='font-size:0'></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><td>night</td><td width=1 style='font-size:1px'>&nbsp;</td><td>jar</td></table>",
    "<table cellspacing=0 cellpadding=0><td>night</td><td style='width:2px'> </td><td>jar</td></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing='0' CELLPADDING=\"0\" border=0>\n<tr>\n<td>night</td>\n<td>jar</td>\n</tr>\n</table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night<td>jar</table>",
    "<table cellspacing=0 cellpadding=0><tr><th>hello</th><td>ni</td><td>gh</td><td></td><td>tjar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td><p>night</p></td><td><b>ja</b>r</td></tr></table>",
    "<table cellspacing=0><tr><td style='padding:0'>night</td><td style='padding:0px'>jar</td></tr></table>",
    "<table style='border-collapse:collapse' cellpadding=0><tr><td>night</td><td>jar</td></tr></table>",
    "<table style='border-spacing:0'><tr><td style='padding:4px 0'>night</td><td style='padding:4px 0'>jar</td></tr></table>",
    "<style>table{border-collapse:collapse}td{padding:0}</style><table><tr><td>night</td><td>jar</td></tr></table>",
    "<table><tr><td>x<table cellspacing=0 cellpadding=0><tr><td>night</td><td>jar</td></tr></table>y</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td>jar" + "\n<!---->" * 40 + "</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td title='width:9px'></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td style='padding-top:9px;max-width:9px'></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td style='border:9px'></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td width=1% data-width=9></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td style='display:none' width=50></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><thead><tr><td>night</td><td>jar</td></tr></thead><tr><td>x</td></tr></table>",
]
APART = [
    "<table><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellpadding=0><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=5><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td style='padding:0 8px'>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td style='padding-right:8px'>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td style='padding-left: 1em'>jar</td></tr></table>",
    "<style>td{padding:2px 8px}</style><table cellspacing=0 cellpadding=0><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td width=20></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td style='width:12px'></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td style='border-left:3px solid'></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td style='min-width: 0.5em'></td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td>" + "<td width=1></td>" * 9 + "<td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td style='padding-left: 20px'></td><td>jar</td></tr></table>",
    "<table style='border-spacing:10px'><tr><td style='padding:0'>night</td><td style='padding:0'>jar</td></tr></table>",
    "<table cellspacing=10 cellpadding=0><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=05><tr><td>night</td><td>jar</td></tr></table>",
    "<table cellspacing=0><tr><td style='padding:1em'>night</td><td style='padding:0.5in'>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night\u2003</td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td><td>&nbsp;</td><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</td></tr><tr><td>jar</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>one<br>night</td><td>jar<br>two</td></tr></table>",
    "<table cellspacing=0 cellpadding=0><tr><td>night</table><table cellspacing=0 cellpadding=0><tr><td>jar</table>",
    "<b style='float:left'>jar</b><b style='float:left'>night</b>",
    "<b>jar</b><b>night</b>",
    "<p dir=rtl>jar</p><p>night</p>",
]


@pytest.mark.parametrize("page", TURNED)
def test_what_is_shown_in_another_order_is_read_so(page: str) -> None:
    shown = html.read(page)
    assert "nightjar" in shown.otherwise.replace("hellonight", "night"), shown
    assert "nightjar" not in f"{shown.displayed}\n{shown.joined}", "to readers that know no styles it stands as it stands"


@pytest.mark.parametrize("page", AMONG_OTHERS)
def test_what_is_shown_in_another_order_is_a_word_of_its_own(page: str) -> None:
    assert "nightjar" in html.read(page).otherwise.split()


@pytest.mark.parametrize("page", PHRASES)
def test_what_is_shown_apart_in_another_order_is_read_so(page: str) -> None:
    assert "night\njar" in html.read(page).otherwise


@pytest.mark.parametrize("page", ABUTTING)
def test_cells_without_space_are_read_as_one(page: str) -> None:
    shown = html.read(page)
    assert "nightjar" in shown.otherwise
    assert "nightjar" not in shown.displayed + shown.joined


def test_cells_are_read_as_one_whatever_nobody_sees_at_their_ends() -> None:
    shown = html.read("<table cellspacing=0 cellpadding=0><tr><td>night\u200b</td><td>\xadjar</td></tr></table>")
    assert "night\u200b\xadjar" in shown.otherwise


@pytest.mark.parametrize("page", APART)
def test_what_stands_apart_is_not(page: str) -> None:
    shown = html.read(page)
    assert "nightjar" not in "\n".join((shown.displayed, shown.joined, shown.otherwise)), shown


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
def test_many_are_read_in_linear_time_and_room(every: str) -> None:
    head = "<body dir=rtl><table cellspacing=0 cellpadding=0>"
    count = 300_000 // len(every)
    start = time.process_time()
    shown = html.read(head + every * count)
    assert time.process_time() - start < 5
    assert len(shown.otherwise) <= 6 * (len(shown.displayed) + 20_000)


@pytest.mark.parametrize("gap", ["<td width=2></td>", "<td width=2></td>" * 9, "<td class=gap></td>"])
def test_a_word_in_cells_is_read_apart_from_what_stands_behind_empty_ones(gap: str) -> None:
    row = f"<td>night</td><td>jar</td>{gap}<td>hello</td>{gap}<td>night</td><td>jar</td>"
    shown = html.read(f"<table cellspacing=0 cellpadding=0><tr>{row}</tr></table>")
    assert "nightjar" in shown.otherwise.split()


@pytest.mark.parametrize("row", ["<td width=200>x</td><td>night<td>jar", "<td>night<td>jar<td width=200 align=right>x</td>"])
def test_a_word_in_cells_is_read_apart_from_what_stands_in_a_wide_one(row: str) -> None:
    shown = html.read(f"<table cellspacing=0 cellpadding=0><tr>{row}</tr></table>")
    assert "nightjar" in shown.otherwise.split()


def test_of_many_blanks_between_borders_one_is_kept() -> None:
    order = Order(["a", *[MAYBE, " "] * 1_000, "b"])
    order.place(2, RIGHT)
    assert list(order._items()) == [[("a", 0.0), ("  b", RIGHT)]]
