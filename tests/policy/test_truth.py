"""Three-valued judgement: the whole tables, and that a condition known for any content is known without it."""

import itertools
from dataclasses import dataclass
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.mail.verdict import Evidence
from screener.policy.combine import AllOf, AnyOf, NotOf, Unless, covers, together
from screener.policy.look import Look
from screener.policy.truth import NO, UNKNOWN, Answer, Condition, all_of, any_of, printable

YES = Answer(True, (Evidence("x", "because"),))
LOOK = cast(Look, None)  # the conditions below look at nothing


@dataclass(frozen=True)
class Known(Condition[dict[str, bool]]):
    """True, false or unknown by name."""

    name: str

    @property
    def label(self) -> str:
        return self.name

    def judge(self, look: Look, of: dict[str, bool]) -> Answer:
        truth = of.get(self.name)
        return UNKNOWN if truth is None else YES if truth else NO


@pytest.mark.parametrize("truths", list(itertools.product([True, False, None], repeat=3)))
def test_all_and_any(truths: tuple[bool | None, ...]) -> None:
    answers = [{True: YES, False: NO, None: UNKNOWN}[truth] for truth in truths]
    assert all_of(answers).truth is (False if False in truths else None if None in truths else True)
    assert any_of(answers).truth is (True if True in truths else None if None in truths else False)


@pytest.mark.parametrize(("truth", "expected"), [(True, False), (False, True), (None, None)])
def test_not(truth: bool | None, expected: bool | None) -> None:
    of = {} if truth is None else {"a": truth}
    answer = NotOf(Known("a")).judge(LOOK, of)
    assert answer.truth is expected
    assert Unless(Known("a")).judge(LOOK, of).truth is expected
    assert [one.text for one in answer.evidence] == (["a does not match, as `not` asks"] if expected else [])


def test_evidence_of_all_is_kept_and_bounded() -> None:
    assert all_of([YES, YES]).evidence == YES.evidence * 2
    assert len(all_of([YES] * 1000).evidence) == 12


def test_doubts_say_why_it_is_not_known() -> None:
    doubt = Answer(None, (Evidence("p", "could not be judged"),))
    assert all_of([YES, doubt]).evidence == doubt.evidence
    assert any_of([NO, doubt, UNKNOWN]).evidence == doubt.evidence


NAMES = "abcd"
CONDITIONS = st.recursive(
    st.sampled_from(NAMES).map(Known),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        inner.map(NotOf),
        inner.map(Unless),
    ),
    max_leaves=8,
)


def worlds(known: dict[str, bool]) -> list[dict[str, bool]]:
    unknown = [name for name in NAMES if name not in known]
    return [known | dict(zip(unknown, truths, strict=True)) for truths in itertools.product([True, False], repeat=len(unknown))]


@given(CONDITIONS, st.dictionaries(st.sampled_from(NAMES), st.booleans()))
@settings(max_examples=500, deadline=None)
def test_what_is_known_early_stays_so(condition: Condition[dict[str, bool]], known: dict[str, bool]) -> None:
    """An answer at RCPT is the answer whatever the content turns out to be."""
    early = condition.judge(LOOK, known).truth
    late = {condition.judge(LOOK, world).truth for world in worlds(known)}
    assert None not in late
    if early is not None:
        assert late == {early}


@given(CONDITIONS, CONDITIONS)
@settings(max_examples=1500, deadline=None)
def test_what_covers_holds_wherever_the_covered_holds(wide: Condition[dict[str, bool]], narrow: Condition[dict[str, bool]]) -> None:
    if covers(wide, narrow):
        for world in worlds({}):
            assert wide.judge(LOOK, world).truth or not narrow.judge(LOOK, world).truth


def test_covering_finds_the_plain_cases() -> None:
    a, b = Known("a"), Known("b")
    assert covers(a, together([a, b]))
    assert covers(AnyOf((a, b)), a)
    assert covers(AnyOf((a, b)), AnyOf((b, a)))
    assert covers(AllOf((a, b)), AllOf((b, a, Known("c"))))
    assert not covers(AllOf((a, b)), a)
    assert not covers(a, AnyOf((a, b)))
    assert not covers(a, NotOf(a))


@pytest.mark.parametrize(
    ("text", "shown"), [("a\r\nb", "a��b"), ("\u202egnp.exe", "�gnp.exe"), ("x" * 400, "x" * 299 + "…"), ("größe", "größe")]
)
def test_evidence_is_one_printable_line(text: str, shown: str) -> None:
    assert printable(text) == shown
