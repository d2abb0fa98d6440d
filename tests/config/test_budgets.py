"""Every limit of a message: who reads in the evidence that it was reached finds there the setting to raise, and raising it does."""

import random
import re

import pytest
from fakes.evasions import containers
from fakes.evasions.draft import NOTE, TOP, b64, mixed
from fakes.evasions.judging import screened

from screener.anatomy.budget import Budget
from screener.anatomy.defects import DEFECTS, Defect
from screener.anatomy.message import Anatomy
from screener.config.budgets import BudgetSettings
from screener.policy.rulefile import compile_source
from screener.policy.source import Source

_SETTING = re.compile(r"screening\.budget\.([a-z_]+)")
BASE64 = b"Content-Transfer-Encoding: base64\r\n"


def attached(octets: bytes, name: bytes) -> bytes:
    return mixed((NOTE, b"Content-Type: application/octet-stream; name=" + name + b"\r\n" + BASE64 + b"\r\n" + b64(octets)), b"BB")


def nested(levels: int) -> bytes:
    return b"Content-Type: message/rfc822\r\n\r\n" * levels + b"Subject: x\r\n\r\nx"


NOISE = random.Random(1).randbytes(600)
ZIPS = containers.zipped(("a.zip", containers.zipped(("b.zip", containers.zipped(("c.txt", b"x"))))))
THREE_BOUNDARIES = TOP + b"Content-Type: multipart/mixed; boundary=a; boundary=b; boundary=c\r\n\r\n--a\r\n\r\n" + b"x" * 5_000_000
MESSAGES = TOP + b"\r\n" + b"many words\r\n" * 400_000
for _ in range(3):
    MESSAGES = TOP + b"Content-Type: message/rfc822\r\n" + BASE64 + b"\r\n" + b64(MESSAGES)
LIMITS: list[tuple[Defect, dict[str, object], bytes]] = [
    (Defect.HEADER_TOO_LARGE, {"header": "1 KiB"}, TOP + b"X-A: aaaaaaaaaaaaaa\r\n" * 80 + b"\r\nx"),
    (Defect.TOO_MANY_FIELDS, {"header_fields": 10}, TOP + b"X-A: a\r\n" * 20 + b"\r\nx"),
    (Defect.FIELD_TOO_LONG, {"field": "100"}, TOP + b"X-A: " + b"a" * 200 + b"\r\n\r\nx"),
    (Defect.TOO_MANY_PARTS, {"parts": 10}, mixed([NOTE] * 20, b"BB")),
    (Defect.TOO_DEEP, {"depth": 3}, nested(6)),
    (Defect.TOO_MUCH_STRUCTURE, {"readings": 1}, THREE_BOUNDARIES),
    (Defect.TOO_MUCH_DECODED, {"decoded": "1 KiB"}, attached(b"abc" * 1_000, b"a.dat")),
    (Defect.TOO_MUCH_DECODED, {"readings": 1}, MESSAGES),
    (Defect.TOO_MANY_NAMES, {"names": 2}, attached(b"abc", b"a.a; name=b.a; name=c.a; name=d.a")),
    (Defect.TEXT_TRUNCATED, {"text": "1 KiB"}, TOP + b"\r\n" + b"many words " * 200),
    (
        Defect.CONTAINER_TOO_MANY_MEMBERS,
        {"members": 2},
        attached(containers.zipped(*[(f"{n}.txt", b"x") for n in range(4)]), b"a.zip"),
    ),
    (Defect.CONTAINER_TOO_DEEP, {"containers": 2}, attached(ZIPS, b"a.zip")),
    (Defect.CONTAINER_TOO_LARGE, {"unpacked": "1 KiB"}, attached(containers.gz(containers.gz(bytes(50_000))), b"a.gz")),
    (Defect.CONTAINER_TOO_LARGE, {"ratio": 2}, attached(containers.gz((NOISE + bytes(40_000)) * 850), b"a.gz")),
    (Defect.CONTAINER_TOO_LARGE, {"document": "1 KiB"}, attached(b"<html><p>" + b"words " * 300, b"a.html")),
]


def anatomy_of(content: bytes, settings: BudgetSettings) -> Anatomy:
    anatomy = Anatomy(content, budget=settings.of_anatomy)
    for attachment in anatomy.attachments:
        attachment.octets()
    return anatomy


def found(content: bytes, settings: BudgetSettings) -> set[Defect]:
    return {one.defect for one in anatomy_of(content, settings).all_defects()}


@pytest.mark.parametrize(("defect", "settings", "content"), LIMITS, ids=[f"{one[0]} {next(iter(one[1]))}" for one in LIMITS])
def test_the_evidence_names_the_setting_that_lets_the_mail_pass(
    defect: Defect, settings: dict[str, object], content: bytes
) -> None:
    small = BudgetSettings.model_validate(settings)
    assert defect in found(content, small)
    rule = f"rules: [{{name: r, when: {{message: {{defects: {defect}}}}}, then: hold}}]"
    ruleset = compile_source(Source.of((("r.yaml", rule.encode()),))).ruleset
    (evidence,) = screened(ruleset, content, anatomy_of(content, small)).verdicts[0].evidence
    named = _SETTING.findall(evidence.text)
    assert settings.keys() <= {*named}
    assert defect not in found(content, BudgetSettings())


def test_every_setting_is_named_by_a_defect_and_every_name_is_a_setting() -> None:
    named = {name for meaning in DEFECTS.values() for name in _SETTING.findall(meaning.sentence)}
    assert named == BudgetSettings.model_fields.keys() == {name for _, settings, _ in LIMITS for name in settings}


def test_the_usual_settings_are_the_anatomy_s_own() -> None:
    assert BudgetSettings().of_anatomy == Budget()
