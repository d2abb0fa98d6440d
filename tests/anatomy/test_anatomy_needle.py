"""The fast search finds what `bytes.find` finds, wherever it stands."""

import mmap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.anatomy.mime import boundaries
from screener.anatomy.needle import Needle, Needles


@given(
    st.binary(min_size=1, max_size=5),
    st.integers(0, 400_000),
    st.integers(0, 5_000),
    st.integers(-5, 400_000),
    st.integers(0, 400_010),
)
def test_it_is_find(needle: bytes, before: int, behind: int, start: int, end: int) -> None:
    hay = bytes(before) + needle + b"\xff" * behind + needle
    assert Needle(needle).first(hay, start, end) == hay.find(needle, max(0, start), end)
    assert Needle(needle).first(hay) == hay.find(needle)
    assert Needle(needle).is_in(hay, before)


@pytest.mark.parametrize("at", [0, 1, 509, 510, 511, 512, 513, 2_557, 2_558, 2_559, 65_535, 65_536, 131_072, 199_997])
def test_it_is_found_across_windows(at: int) -> None:
    hay = b"o" * at + b"obj" + b"o" * (200_000 - at)
    assert Needle(b"obj").first(hay) == at
    assert Needle(b"obj").first(hay, at) == at
    assert Needle(b"obj").first(hay, at + 1) == -1
    assert Needle(b"obj").first(hay, 0, at + 2) == -1


@pytest.mark.parametrize("at", [0, 1, 509, 510, 511, 512, 513, 2_557, 2_558, 2_559, 65_535, 65_536, 131_072, 199_996])
def test_the_first_of_several_is_found_across_windows(at: int) -> None:
    needles = Needles(b"obj", b"/js", b"data")
    hay = b"o" * at + b"data" + b"o" * (200_000 - at)
    assert needles.first(hay) == at
    assert needles.first(hay, at) == at
    assert needles.first(hay, at + 1) == -1
    assert needles.first(hay[: at + 3]) == -1


@given(
    st.lists(
        st.one_of(st.just(b"-"), st.just(b"\n--"), st.integers(0, 3_000).map(bytes), st.integers(0, 140_000).map(bytes)), max_size=8
    ),
    st.sampled_from((b"\n--b", b"\n--" + b"b" * 2_000)),
    st.integers(0, 2),
)
def test_a_line_of_dashes_is_found_whatever_dashes_stand_before_it(pieces: list[bytes], line: bytes, start: int) -> None:
    for hay in (b"".join(pieces), b"".join((*pieces, line, b"-"))):
        assert boundaries.find(hay, line, start, len(hay)) == hay.find(line, start)


def test_it_looks_into_a_map_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"x" * 100_000 + b"obj")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as hay:
        assert Needle(b"obj").first(hay) == 100_000


_WORDS = (b"egin", b"PK\x03\x04", b"BinHex", b"\xd0\xcf")


@given(st.lists(st.one_of(st.sampled_from(_WORDS), st.binary(max_size=3), st.integers(0, 70_000).map(bytes)), max_size=6))
def test_several_are_found_at_once(pieces: list[bytes]) -> None:
    hay = b"".join(pieces)
    there = {number for number, word in enumerate(_WORDS) if word in hay}
    assert Needles(*_WORDS).among(hay) == there
    assert Needles(*_WORDS).are_in(hay) == bool(there)


@pytest.mark.parametrize("at", [0, 16_380, 16_381, 65_530, 65_533, 65_536, 65_539, 131_072, 199_994])
def test_several_are_found_across_windows(at: int) -> None:
    hay = b"o" * at + b"BinHex" + b"o" * (199_994 - at)
    assert Needles(*_WORDS).among(hay) == {2}
    assert Needles(*_WORDS).are_in(hay)
