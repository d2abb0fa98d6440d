"""Sizes, times and comparisons as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener import values


@pytest.mark.parametrize(
    ("text", "octets"),
    [("0", 0), ("512", 512), ("512 B", 512), ("1 octet", 1), ("300 KB", 300_000), ("300 KiB", 307_200), ("1.5 MiB", 1_572_864),
     ("2mb", 2_000_000), ("1K", 1024), ("3 GiB", 3 * 1024**3), (" 25 MiB ", 25 * 1024**2), ("1 TB", 10**12)],
)  # fmt: skip
def test_sizes(text: str, octets: int) -> None:
    assert values.size(text) == octets


@pytest.mark.parametrize("text", ["", "big", "-1", "1 XB", "1e3", "١ MB", "1 MB 2", "0x10", "1,5 MB", "9" * 20])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="is no size: expected a number and a unit"):
        values.size(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        ("500 ms", 0.5),
        ("15 min", 900.0),
        ("12 h", 43_200.0),
        ("5 days", 432_000.0),
        ("1 week", 604_800.0),
        ("1.5h", 5400.0),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert values.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5 s", "5 fortnights", "1 h 30 min"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="is no time: expected"):
        values.duration(text)


@pytest.mark.parametrize(
    ("text", "unit", "yes", "no"),
    [
        ("> 3", "count", [4, 100], [3, 0]),
        (">= 3", "count", [3, 4], [2]),
        ("< 3", "count", [2, 0], [3]),
        ("<=3", "count", [3, 0], [4]),
        ("3", "count", [3], [2, 4]),
        ("= 3", "count", [3], [2, 4]),
        ("> 1 KB", "size", [1001], [1000]),
        ("1 KiB", "size", [1024], [1000]),
    ],
)
def test_comparisons(text: str, unit: str, yes: list[int], no: list[int]) -> None:
    comparison = values.comparison(text, unit)
    assert all(map(comparison.holds, yes))
    assert not any(map(comparison.holds, no))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("> many", "count"),
        ("1.5", "count"),
        ("> 1 MB", "count"),
        ("", "count"),
        ("=> 3", "count"),
        ("> x", "size"),
        ("~3", "count"),
    ],
)
def test_no_comparisons(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        values.comparison(text, unit)


COMPARISONS = st.builds(values.Comparison, st.sampled_from([">", ">=", "<", "<=", "="]), st.integers(0, 6))


@given(COMPARISONS, COMPARISONS)
def test_a_comparison_covers_another_exactly_where_it_holds_of_all_its_numbers(
    wide: values.Comparison, narrow: values.Comparison
) -> None:
    numbers = range(-10, 20)
    expected = all(wide.holds(number) for number in numbers if narrow.holds(number))
    assert wide.covers(narrow) is expected


@pytest.mark.parametrize(
    ("octets", "shown"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (25 * 1024**2, "25.0 MiB"), (5 * 1024**4, "5.0 TiB")]
)
def test_sizes_for_people(octets: int, shown: str) -> None:
    assert values.shown_size(octets) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.25, "250 ms"), (45, "45 s"), (90, "1 min 30 s"), (3600, "1 h"), (2 * 86400 + 3 * 3600 + 5, "2 d 3 h")]
)
def test_durations_for_people(seconds: float, shown: str) -> None:
    assert values.shown_duration(seconds) == shown
