"""Names for mail."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.mail.ids import LENGTH, new_mail_id, seconds_of


def test_ids_are_short_and_fit_for_file_names() -> None:
    for _ in range(1000):
        assert re.fullmatch(rf"[0-9A-Z]{{{LENGTH}}}", new_mail_id(1.75e9))


@given(st.lists(st.floats(min_value=0, max_value=4e9), min_size=2, max_size=50))
def test_ids_only_grow_whatever_the_clock_does(times: list[float]) -> None:
    ids = [new_mail_id(at) for at in times]
    assert ids == sorted(set(ids))


def test_ids_are_unique_across_threads() -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: new_mail_id(4.1e9), range(20_000)))
    assert len(set(ids)) == len(ids)


def test_an_id_tells_when_it_was_drawn() -> None:
    assert seconds_of(new_mail_id(4.2e9)) == 4.2e9


@pytest.mark.parametrize("text", ["", "D2056XYW1WG1Z", "D2056XYW1WG1Z!", "D2056XYW1WG1ZU", "../../../passwd"])
def test_what_is_no_id_tells_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="no id of a mail"):
        seconds_of(text)
