"""The JSON form of verdicts and screenings: it comes back as it went, and nothing else comes back at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.mail.address import Address
from screener.mail.verdict import (
    Action,
    Edits,
    Evidence,
    Facts,
    Hit,
    Screening,
    Verdict,
    screening_from_json,
    screening_to_json,
    verdict_from_json,
    verdict_to_json,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
evidences = st.builds(Evidence, texts, texts, texts, texts)
hits = st.builds(Hit, texts, texts, st.none() | st.sampled_from(Action), st.tuples(evidences), st.booleans())
verdicts = st.builds(
    Verdict,
    action=st.sampled_from(Action),
    rule=st.just("a rule"),
    source=texts,
    evidence=st.lists(evidences, max_size=3).map(tuple),
    target=st.none() | st.just(Address.parse("desk@example.org")),
    reply=texts,
    edits=st.builds(Edits, st.lists(st.tuples(texts, texts), max_size=2).map(tuple), texts),
    hits=st.lists(hits, max_size=3).map(tuple),
    unsure=st.booleans(),
).filter(lambda verdict: verdict.action is not Action.REDIRECT or verdict.target is not None)
facts = st.builds(Facts, texts, texts, texts, st.lists(texts).map(tuple), st.lists(texts).map(tuple))


@given(verdicts)
def test_a_verdict_comes_back_as_it_went(verdict: Verdict) -> None:
    assert verdict_from_json(verdict_to_json(verdict)) == verdict


@given(st.lists(verdicts, max_size=3).map(tuple), facts, st.floats(0, 10))
def test_a_screening_comes_back_as_it_went(several: tuple[Verdict, ...], found: Facts, seconds: float) -> None:
    screening = Screening(several, found, "0123456789ab", seconds, (("a rule", seconds),))
    assert screening_from_json(screening_to_json(screening)) == screening


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '"forward"',
        "{}",
        '{"action":"explode"}',
        '{"action":1}',
        '{"action":"hold","rule":7}',
        '{"action":"hold","evidence":[["one"]]}',
        '{"action":"hold","evidence":"text"}',
        '{"action":"redirect","target":"no address"}',
        '{"action":"hold","hits":[[1,2,3,4,5]]}',
        '{"action":"hold","edits":[]}',
        "[" * 100_000,
    ],
)
def test_nothing_else_comes_back(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        verdict_from_json(text)


@pytest.mark.parametrize("key", ["verdicts", "facts", "ruleset", "seconds", "rule_seconds"])
def test_a_screening_without_a_part_is_none(key: str) -> None:
    data = json.loads(screening_to_json(Screening((), Facts(), "0123456789ab")))
    del data[key]
    with pytest.raises(ValueError, match="not a screening"):
        screening_from_json(json.dumps(data))
