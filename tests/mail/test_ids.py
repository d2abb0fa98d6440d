"""Names for mail."""

import re
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from screener.mail.ids import new_mail_id


def test_ids_are_short_and_fit_for_file_names() -> None:
    for _ in range(1000):
        assert re.fullmatch(r"[0-9A-Z]{14}", new_mail_id(1.75e9))


@given(st.lists(st.floats(min_value=0, max_value=4e9), min_size=2, max_size=50))
def test_ids_only_grow_whatever_the_clock_does(times: list[float]) -> None:
    ids = [new_mail_id(at) for at in times]
    assert ids == sorted(set(ids))


def test_ids_are_unique_across_threads() -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: new_mail_id(4.1e9), range(20_000)))
    assert len(set(ids)) == len(ids)
