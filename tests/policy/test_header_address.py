"""`header_address`: every address of every header field of a name, in every way it can be written."""

import pytest
from fakes.evasions.judging import screened
from fakes.evasions.texts import HeaderCase, senders
from fakes.letters import anatomy_of, letter

from screener.anatomy.mime import addresses
from screener.mail.verdict import Action, Evidence
from screener.policy.rulefile import compile_source
from screener.policy.ruleset import RuleSet
from screener.policy.source import Source


def rules(condition: str) -> RuleSet:
    return compile_source(Source.of((("r.yaml", f"rules: [{{name: r, when: {condition}, then: hold}}]".encode()),))).ruleset


def evidence(condition: str, *lines: str) -> list[tuple[str, str]]:
    mail = letter(*lines)
    (verdict,) = rules(condition).screen(mail, anatomy_of(mail)).verdicts
    return [(one.text, one.place) for one in verdict.evidence]


@pytest.mark.parametrize("case", list(senders()), ids=str)
def test_every_way_to_write_an_address_is_seen_by_the_rule(case: HeaderCase) -> None:
    found = screened(
        rules("{header_address: {name: [From, Sender, Reply-To, Resent-From], address: bad@example.net}}"), case.message
    )
    assert found.verdicts[0].action is Action.HOLD


def test_the_evidence_names_the_field_and_the_address() -> None:
    condition = "{header_address: {name: [From, Reply-To], address: x@bad.example}}"
    assert evidence(condition, "header: Reply-To: a@example.net, X <x@bad.example>") == [
        ("x@bad.example is listed", "header Reply-To")
    ]
    condition = "{header_address: {name: [sender], not: {domain: .example.net}}}"
    assert evidence(condition, "header: Sender: x@bad.example") == [
        ("x@bad.example: header_address.domain does not match, as `not` asks", "header sender")
    ]


def test_the_keys_speak_of_one_address() -> None:
    condition = "{header_address: {name: [Sender, Reply-To], domain: bad.example, pattern: '^x@'}}"
    assert not evidence(condition, "header: Sender: a@bad.example", "header: Reply-To: x@good.example")
    assert evidence(condition, "header: Sender: a@bad.example", "header: Reply-To: x@bad.example")


def test_a_field_that_is_not_there_has_no_address() -> None:
    assert not evidence("{header_address: {name: Sender, not: {domain: example.net}}}")


def test_a_list_of_blocks_means_any() -> None:
    condition = "{header_address: [{name: Sender, domain: a.example}, {name: Reply-To, domain: b.example}]}"
    assert evidence(condition, "header: Reply-To: x@b.example")
    assert not evidence(condition, "header: Reply-To: x@a.example")


def test_an_address_is_looked_up_in_the_content_only() -> None:
    found = rules("{header_address: {name: Sender, domain: a.example}}")
    mail = letter()
    assert found.screen_recipient(mail.envelope.client, mail.envelope.sender, mail.envelope.recipients[0].address) is None


@pytest.mark.parametrize(
    "value",
    [
        '"boss@example.org" <x@mail.example>',
        "'boss@example.org' <x@mail.example>",
        "boss@example.org (x) <x@mail.example>",
        "x@mail.example (boss@example.org)",
        '"The Boss, boss@example.org" <x@mail.example>',
        '"The Boss [boss@example.org]" <x@mail.example>',
        "=?utf-8?Q?boss=40example=2Eorg?= <x@mail.example>",
        "=?utf-8?B?Ym9zc++8oGV4YW1wbGUub3Jn?= <x@mail.example>",  # with a full-width @
        '"b\u200boss@exam\u00adple.org" <x@mail.example>',
        '"boss @ example.org" <x@mail.example>',
        '"BOSS@EXAMPLE.ORG." <x@mail.example>',
    ],
)
def test_addresses_in_display_names_are_seen_where_asked(value: str) -> None:
    assert evidence("{header_address: {name: From, display_names: true, address: boss@example.org}}", f"from: {value}")
    assert evidence("{header_address: {name: From, display_names: true, address: x@mail.example}}", f"from: {value}")


def test_addresses_in_display_names_are_none_where_not_asked() -> None:
    assert not evidence("{from: {address: boss@example.org}}", 'from: "boss@example.org" <x@mail.example>')


FIELD = "From: a@example.net\r\n"
NAMES = ", ".join(f"a{number}@example.net" for number in range(1_500))


@pytest.mark.parametrize(
    "lines",
    [
        FIELD * 300 + "From: x@bad.example\r\n" + FIELD * 300,
        FIELD * 600 + "From: x@bad.example\r\n",
        f"From: {NAMES}, x@bad.example\r\n",
        f"From: {NAMES}, x@bad.example, {NAMES}\r\n",
        "From: a@example.net,x@bad.example\r\n",
        "From: Us: a@example.net, B <x@bad.example>;\r\n",
    ],
)
@pytest.mark.parametrize("displayed", ["true", "false"])
def test_every_mailbox_of_every_field_is_seen(lines: str, displayed: str) -> None:
    rule = rules(f"{{header_address: {{name: From, display_names: {displayed}, domain: bad.example}}}}")
    assert screened(rule, lines.encode() + b"\r\nx").verdicts[0].action is Action.HOLD


def test_displayed_addresses_in_a_long_field_cost_no_more() -> None:
    for unit in ("@", "a@", "a@b", " @", '"', "a@b'", "(", "<a@b>,", "\u00ad@"):
        assert len(addresses.displayed([unit * (60_000 // len(unit))])) <= 2


def test_evidence_is_printable() -> None:
    (verdict,) = screened(
        rules("{header_address: {name: Sender, domain: bad.example}}"), b"Sender: \x07<x\x1b@bad.example>\r\n\r\n"
    ).verdicts
    assert all(isinstance(one, Evidence) and one.text.isprintable() for one in verdict.evidence)
