"""Ordinary mail passes: of all messages of the corpus that are ham or bounces, the shipped safety rules hold none.

A message that they hold all the same stands in ARGUED with the reason why that is right.
"""

import pytest
from fakes.corpus import normalised, specimens
from fakes.evasions.judging import safety, screened

from screener.mail.verdict import Action

# Part of the specimen's path → why a person should look at it.
ARGUED = {
    "__lhost-exchange2007-02.": "the returned picture has dots in the midst of its base64: readers decode different octets",
}
# These files lie on a disk with CR as their line ends; over SMTP they come with CRLF, and so they pass.
ON_DISK = "__maildir__mac__"


@pytest.mark.parametrize("label", ["ham", "bounce"])
def test_no_ordinary_message_is_held(label: str) -> None:
    count = 0
    held: dict[str, str] = {}
    for specimen in specimens():
        if specimen.label != label:
            continue
        count += 1
        content = specimen.wire()
        (verdict,) = screened(safety(), normalised(content) if ON_DISK in specimen.path else content).verdicts
        if verdict.action is not Action.FORWARD:
            held[specimen.path] = f"{verdict.rule}: {'; '.join(f'{one.text} ({one.place})' for one in verdict.evidence)}"
    assert count > 200
    assert {path: why for path, why in held.items() if not any(mark in path for mark in ARGUED)} == {}


def test_what_is_argued_is_held() -> None:
    paths = [specimen for specimen in specimens() if any(mark in specimen.path for mark in ARGUED)]
    assert len(paths) == len(ARGUED)
    for specimen in paths:
        assert screened(safety(), specimen.wire()).verdicts[0].action is Action.HOLD
