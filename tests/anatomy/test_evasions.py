"""Every way to hide a file, a word or a sender, alone and in pairs: what any reader would show is identified.

Only where the list of evasions is content with it (a damaged archive, a fragment) may the shipped safety rules hold the mail
instead. Each planted program is stopped by the shipped rules in any case. What is not yet identified stands in NOT_YET, whose
entries fail as soon as they pass.
"""

import json

import pytest
from _pytest.mark.structures import ParameterSet
from fakes.evasions import texts
from fakes.evasions.cases import Case, all_techniques, fit, pairs, singles
from fakes.evasions.judging import SCORES, judge, screened, shipped
from fakes.evasions.texts import HeaderCase

from screener.anatomy.message import Anatomy
from screener.anatomy.text import normalise
from screener.mail.verdict import screening_from_json, screening_to_json

# The techniques (or single cases) that are not identified yet, and why; a case with one of them is expected to fail.
NOT_YET: dict[str, str] = {}
# Cases whose techniques are in NOT_YET and that pass all the same, because another part of the case shows the file.
NEVERTHELESS: frozenset[str] = frozenset()

SINGLES = list(singles())
PAIRS = list(pairs())


def marked(case: Case) -> ParameterSet:
    """The case as a parameter, expected to fail where it is not done yet."""
    reasons = [NOT_YET[name] for name in (str(case), *map(str, case.techniques)) if name in NOT_YET]
    if not reasons or str(case) in NEVERTHELESS:
        return pytest.param(case, id=str(case))
    return pytest.param(case, id=str(case), marks=pytest.mark.xfail(reason="; ".join(reasons), strict=True))


def test_there_are_cases_enough() -> None:
    names = [str(case) for case in (*SINGLES, *PAIRS)]
    assert len(set(names)) == len(names) >= 1_000
    assert {technique.row for case in SINGLES for technique in case.techniques} == {*range(1, 41)} - {37}


def test_what_is_not_yet_identified_is_there() -> None:
    known = {str(technique) for case in SINGLES for technique in case.techniques}
    assert NOT_YET.keys() <= known | {str(case) for case in PAIRS}
    assert {str(case) for case in (*SINGLES, *PAIRS)} >= NEVERTHELESS


@pytest.mark.parametrize("case", list(map(marked, SINGLES)))
def test_hidden_in_one_way_is_identified(case: Case) -> None:
    assert_found(case)


@pytest.mark.parametrize("case", list(map(marked, PAIRS)))
def test_hidden_in_two_ways_is_identified(case: Case) -> None:
    assert_found(case)


def assert_found(case: Case) -> None:
    judged = judge(case)
    SCORES.add(tuple(technique.row for technique in case.techniques) or (0,), identified=not judged.missing, held=judged.held)
    if case.may_hold:
        assert not judged.missing or judged.held, judged.missing
    else:
        assert not judged.missing
    if not judged.missing and "application/x-dosexec" in case.built().wanted.types:
        assert judged.stopped


@pytest.mark.parametrize("case", list(texts.subjects()), ids=str)
def test_a_word_in_a_subject_is_identified(case: HeaderCase) -> None:
    subjects = [normalise(subject) for subject in Anatomy(case.message).subjects]
    found = any(case.wanted in subject for subject in subjects)
    SCORES.add((case.row,), identified=found, held=False)
    assert found, subjects


@pytest.mark.parametrize("case", list(texts.senders()), ids=str)
def test_every_sender_is_identified(case: HeaderCase) -> None:
    anatomy = Anatomy(case.message)
    mailboxes = [mailbox.lower() for field in ("From", "Sender", "Reply-To", "Resent-From") for mailbox in anatomy.mailboxes(field)]
    SCORES.add((case.row,), identified=case.wanted in mailboxes, held=False)
    assert case.wanted in mailboxes


def test_whatever_is_hidden_can_be_told_and_kept() -> None:
    """Names, texts and evidence with 8-bit octets, surrogates or NUL reach the log, the store and other processes (row 40)."""
    for case in SINGLES:
        if case.row in (22, 23, 25, 36, 40):
            message = case.built().message
            anatomy = Anatomy(message)
            screening = screened(shipped(), message, anatomy)
            assert screening_from_json(screening_to_json(screening)) == screening
            json.dumps(screening_to_json(screening)).encode()
            for attachment in anatomy.attachments:
                "".join((*attachment.names, *attachment.extensions, attachment.place, attachment.declared_type)).encode()
            for text in (*anatomy.texts, *anatomy.attachment_texts):
                text.text.encode()


def test_what_no_reader_would_take_for_a_program_is_not_put_together() -> None:
    behind = {str(one): one for one in all_techniques() if str(one).startswith("31-behind-")}
    far = [one for name, one in behind.items() if "-60000-" in name]
    assert len(far) == 2
    assert not any(fit(one, other) for one in far for other in far)
    assert fit(behind["31-behind-100-octets"], behind["31-behind-5000-octets"])
