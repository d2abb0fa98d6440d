"""Where the data ends and what becomes of its octets, without a network."""

import itertools
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screener.smtp.data import BARE_CR, BARE_LF, LONG_LINE, MAX_LINE, NUL, DataDecoder


def _decoded(wire: bytes, cuts: list[int]) -> tuple[bytes, DataDecoder]:
    """The content when the octets come cut at these places."""
    decoder = DataDecoder()
    places = [0, *sorted(cuts), len(wire)]
    content = b""
    for start, stop in itertools.pairwise(places):
        if decoder.ended:
            return content, _with_rest(decoder, wire[start:])
        if start < stop:
            content += decoder.feed(wire[start:stop])
    return content, decoder


def _with_rest(decoder: DataDecoder, rest: bytes) -> DataDecoder:
    decoder.rest += rest
    return decoder


def _expected(wire: bytes) -> tuple[bytes, bytes, frozenset[str]]:
    """The same by the book, slowly: content, rest, defects."""
    raw, rest = re.split(rb"(?<=\r\n)\.\r\n", b"\r\n" + wire, maxsplit=1)
    defects = {
        defect for defect, pattern in ((BARE_CR, rb"\r(?!\n)"), (BARE_LF, rb"(?<!\r)\n"), (NUL, rb"\0")) if re.search(pattern, raw)
    }
    undone = re.sub(rb"\r\n\.", b"\r\n", raw)[2:]
    normal = re.sub(rb"\r\n|\r|\n", b"\r\n", undone)
    if any(len(line) > MAX_LINE for line in normal.split(b"\r\n")):
        defects.add(LONG_LINE)
    return normal, rest, frozenset(defects)


_ODD = st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"\0", b"x", b"\r\n.", b"..", b"y" * 998, b"z" * 300]), max_size=20)


@given(pieces=_ODD, cuts=st.lists(st.integers(0, 4000), max_size=12), rest=st.sampled_from([b"", b"QUIT\r\n", b"\r\n.\r\n"]))
@settings(max_examples=1500, deadline=None)
@example(pieces=[b"\r\n", b"\r"], cuts=[1, 2, 3], rest=b"")
@example(pieces=[b".", b"\r", b"\r\n"], cuts=[1, 2, 3, 4, 5, 6], rest=b"")
def test_any_cutting_gives_the_same_content(pieces: list[bytes], cuts: list[int], rest: bytes) -> None:
    wire = b"".join(pieces) + b"\r\n.\r\n" + rest
    content, expected_rest, defects = _expected(wire)
    got, decoder = _decoded(wire, [cut for cut in cuts if cut <= len(wire)])
    assert decoder.ended
    assert got == content
    assert decoder.rest == expected_rest
    assert decoder.wire + (len(decoder.rest)) == len(wire)
    assert decoder.defects == defects


def test_every_cut_around_the_end() -> None:
    wire = b"Subject: x\r\n\r\n.one\r\n..two\r\nthree\r\n.\r\nQUIT\r\n"
    for first in range(len(wire) + 1):
        for second in range(first, len(wire) + 1):
            content, decoder = _decoded(wire, [first, second])
            assert content == b"Subject: x\r\n\r\none\r\n.two\r\nthree\r\n"
            assert decoder.rest == b"QUIT\r\n"


@pytest.mark.parametrize(
    "not_an_end",
    [
        b"\n.\n",
        b"\r.\r",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r.\r\n",
        b"\n.\r",
        b"\r\r\n.\n",
        b"\r\n.\0\r\n",
        b"\r\n. \r\n",
        b"\r\n\0.\r\n",
        b"\n\r.\r\n",
        b"\r\n.\x85",
        b"\r\n\xff.\r\n",
    ],
)
def test_nothing_else_ends_the_data(not_an_end: bytes) -> None:
    wire = b"a" + not_an_end + b"MAIL FROM:<smuggled@example.net>\r\n"
    for cut in range(len(wire)):
        content, decoder = _decoded(wire, [cut])
        assert not decoder.ended
        got = content + decoder.feed(b"\r\n.\r\n")
        assert decoder.ended
        assert decoder.rest == b""
        assert b"smuggled" in got


def test_the_empty_content() -> None:
    decoder = DataDecoder()
    assert decoder.feed(b".\r\nNOOP\r\n") == b""
    assert decoder.ended
    assert decoder.rest == b"NOOP\r\n"


@pytest.mark.parametrize(("length", "long"), [(997, False), (998, False), (999, True), (5000, True)])
@pytest.mark.parametrize("step", [1, 7, 500, 100_000])
def test_a_long_line_is_a_defect_and_no_more(length: int, long: bool, step: int) -> None:
    wire = b"short\r\n" + b"x" * length + b"\r\nshort\r\n.\r\n"
    decoder = DataDecoder()
    content = b"".join(decoder.feed(wire[at : at + step]) for at in range(0, len(wire), step))
    assert content == wire[:-3]
    assert decoder.defects == (frozenset({LONG_LINE}) if long else frozenset())


def test_it_holds_back_four_octets_at_most() -> None:
    decoder = DataDecoder()
    sent = given_back = 0
    for chunk in (b"x" * 70_000, b"\r", b"\n", b".", b"\r", b"x" * 10, b"\r\n.", b"\r\r\r\r"):
        sent += len(chunk)
        given_back += len(decoder.feed(chunk))
        assert sent - given_back <= 6  # one dot that is undone, and what is held back
