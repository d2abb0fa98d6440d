"""The figure of what is held: right at every moment, whatever is counted, kept and given back in between."""

from hypothesis import given
from hypothesis import strategies as st

from screener.store.held import HeldOctets


def test_a_mail_that_would_exceed_the_limit_has_no_room() -> None:
    held = HeldOctets(1000)
    assert held.take(600)
    assert not held.is_full
    assert not held.take(500)
    assert held.is_full
    assert held.take(400)
    assert held.octets == 1000
    assert held.is_full


def test_an_empty_hold_has_room_for_any_one_mail() -> None:
    held = HeldOctets(1000)
    assert held.take(5000)
    assert not held.take(1)
    held.give_back(5000)
    assert held.octets == 0
    assert not held.is_full


def test_a_count_sees_what_people_released() -> None:
    held = HeldOctets(1000)
    assert held.take(1000)
    held.kept(1000)
    assert not held.take(300)
    held.count(0, held.begin_count())
    assert not held.is_full
    assert held.take(300)


def test_what_is_kept_while_the_store_is_asked_is_not_forgotten() -> None:
    held = HeldOctets(1000)
    assert held.take(300)
    begun = held.begin_count()
    held.kept(300)
    held.count(0, begun)  # the store answered before the commit
    assert held.octets == 300
    held.count(300, held.begin_count())
    assert held.octets == 300


@given(st.lists(st.tuples(st.sampled_from(["take", "kept", "lost", "release", "begin", "count"]), st.integers(1, 400))))
def test_never_less_than_what_is_held_nor_more_than_the_limit(steps: list[tuple[str, int]]) -> None:
    """Against a store that answers each question with what it has at that moment."""
    held, limit = HeldOctets(1000), 1000
    durable: list[int] = []
    under_way: list[int] = []
    asked: tuple[int, int] | None = None
    for what, size in steps:
        match what:
            case "take":
                if held.take(size):
                    under_way.append(size)
            case "kept" if under_way:
                held.kept(under_way[0])
                durable.append(under_way.pop(0))
            case "lost" if under_way:
                held.give_back(under_way.pop(0))
            case "release" if durable:
                durable.pop(0)
            case "begin":
                asked = (held.begin_count(), sum(durable))
            case "count" if asked is not None:
                held.count(asked[1], asked[0])
                asked = None
        assert sum(durable) + sum(under_way) <= held.octets
        assert sum(durable) + sum(under_way) <= limit
    held.count(sum(durable), held.begin_count())
    assert held.octets == sum(durable) + sum(under_way)
