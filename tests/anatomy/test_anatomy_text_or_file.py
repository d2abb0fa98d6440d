"""What is told fast of a text - that it is no file - is what the whole table says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.anatomy import filetype

_SIGNATURES = [mark for mark, _ in (*filetype._AT_START, *filetype._ANYWHERE)]


@pytest.mark.parametrize("mark", _SIGNATURES)
@pytest.mark.parametrize("before", [b"", b"a line of text\r\n" * 3])
@pytest.mark.parametrize("behind", [b"", b" and more text\r\n" * 3, b"\0" * 100])
def test_no_file_is_taken_for_a_text(mark: bytes, before: bytes, behind: bytes) -> None:
    octets = before + mark + behind
    types = filetype.identify(octets).types
    if filetype.TEXT not in types and types:
        assert not filetype.is_text_at_most(octets)


@given(st.lists(st.one_of(st.sampled_from(_SIGNATURES), st.text().map(str.encode), st.binary(max_size=600)), max_size=4))
def test_nor_any_other(pieces: list[bytes]) -> None:
    octets = b"".join(pieces)
    if filetype.is_text_at_most(octets):
        found = filetype.identify(octets).types
        assert not found or filetype.TEXT in found
        assert all(
            one.startswith("text/") or one in {name for _, name in filetype._TEXT_MARKS} for one in found - {"application/hta"}
        )
