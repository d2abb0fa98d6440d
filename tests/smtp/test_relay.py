"""No open relay: what strangers can write after RCPT TO, and who else may send where."""

import os
from pathlib import Path

import pytest
from fakes.listener import Listening, listening, settings
from fakes.wire import Wire

from screener.mail.reply import Reply
from screener.smtp.access import Access
from screener.yamlfile import Complaints

SENDERS = ["", "anna@elsewhere.example", "anna@example.org", '"a@elsewhere.example"@example.org']

# Everything here would, believed in one way or another, send mail to victim@elsewhere.example.
NOT_OURS = [
    "<victim@elsewhere.example>",
    "<victim@elsewhere.example >",
    "< victim@elsewhere.example>",
    "victim@elsewhere.example",
    '<"victim"@elsewhere.example>',
    "<VICTIM@ELSEWHERE.EXAMPLE>",
    "<victim@elsewhere.example.>",
    "<victim@[192.0.2.66]>",
    "<victim@[IPv6:2001:db8::66]>",
    "<victim@192.0.2.66>",
    "<victim@[elsewhere.example]>",
    "<victim@[127.0.0.1]>",
    "<victim@[10.0.0.1]>",
    "<victim@127.0.0.1>",
    "<victim@localhost>",
    "<victim@hop.example.net>",
    "<victim@notexample.org>",
    "<victim@example.org.elsewhere.example>",
    "<victim@sub.example.org>",
    "<victim@example.org.>",
    "<victim@.example.org>",
    "<victim@example.or>",
    "<victim@org>",
    "<victim>",
    "<victim@>",
    "<@example.org>",
    "<>",
    "<@>",
    "<victim%elsewhere.example@example.org>",
    "<victim%elsewhere.example@hop.example.net>",
    "<victim%elsewhere.example@[127.0.0.1]>",
    "<victim%elsewhere.example>",
    "<victim%elsewhere.example%example.org@example.org>",
    '<"victim%elsewhere.example"@example.org>',
    '<"victim@elsewhere.example"@example.org>',
    '<"victim@elsewhere.example">',
    "<victim@elsewhere.example@example.org>",
    "<victim@example.org@elsewhere.example>",
    "<victim\\@elsewhere.example@example.org>",
    '<"victim\\@elsewhere.example"@example.org>',
    "<elsewhere.example!victim@example.org>",
    "<elsewhere.example!victim>",
    "<example.org!victim@elsewhere.example>",
    '<"elsewhere.example!victim"@example.org>',
    "<a!elsewhere.example!victim@example.org>",
    "<@example.org:victim@elsewhere.example>",
    "<@example.org,@hop.example.net:victim@elsewhere.example>",
    "<@[127.0.0.1]:victim@elsewhere.example>",
    "<@elsewhere.example,@example.org:victim@elsewhere.example>",
    "<@example.org:victim%elsewhere.example@example.org>",
    '<@example.org:"victim@elsewhere.example"@example.org>',
    "<@example.org:@elsewhere.example:victim@example.org>",
    "<@example.org>:victim@elsewhere.example",
    "<anna@example.org,victim@elsewhere.example>",
    "<anna@example.org>,<victim@elsewhere.example>",
    "<anna@example.org><victim@elsewhere.example>",
    "<anna@example.org> <victim@elsewhere.example>",
    "<anna@example.org;victim@elsewhere.example>",
    "<anna@example.org victim@elsewhere.example>",
    "<anna@example.org\tvictim@elsewhere.example>",
    "<<victim@elsewhere.example>@example.org>",
    "<(anna@example.org)victim@elsewhere.example>",
    "<victim@elsewhere.example(@example.org)>",
    "<victim@elsewhere.example#@example.org>",
    "<postmaster@elsewhere.example>",
    '<"postmaster"@elsewhere.example>',
    "<postmaster%elsewhere.example@example.org>",
    "<victim@elsewhere.example> ORCPT=rfc822;anna@example.org x",
    "<victim@xn--xample-9ua.org>",
    "<victim@example.org\0.elsewhere.example>",
    "<victim@example。elsewhere.example>",
    "<SMTP:victim@elsewhere.example>",
    "<IMCEASMTP-victim+40elsewhere+2Eexample@elsewhere.example>",
    "<victim@elsewhere.example/@example.org>",
    "<victim:elsewhere.example@example.org>",
    "<victim@example.org:25>",
    "<victim@example.org@>",
    "<mailto:victim@elsewhere.example>",
    "<victim＠elsewhere.example@example.org>",  # signs that become @, % and ! where somebody behind us normalises (NFKC)
    "<victim﹫elsewhere.example@example.org>",
    "<victim％elsewhere.example@example.org>",
    "<victim﹪elsewhere.example@example.org>",
    "<elsewhere.example！victim@example.org>",
    "<elsewhere.example﹗victim@example.org>",
    "<elsewhere.example︕victim@example.org>",
    "<elsewhere.example‼victim@example.org>",
    '<"victim＠elsewhere.example"@example.org>',
]

OURS = [
    "<anna@example.org>",
    "<ANNA@EXAMPLE.ORG>",
    '<"anna"@example.org>',
    '<"anna b"@example.org>',
    "<anna+tag@example.org>",
    "<anna/x=y@example.org>",
    "<änne.ﬁsch@example.org>",
    "<@elsewhere.example:anna@example.org>",
    "<postmaster@example.org>",
    "<Postmaster>",
    "<anna@below.example>",
    "<anna@ｅxample.org>",  # the same domain, by IDNA's mapping
    "<anna@deep.down.below.example>",
]


def _settings(**more: object) -> dict[str, object]:
    return {
        "domains": {
            "example.org": {"route": "inside"},
            ".below.example": {"route": "inside"},
            "below.example": {"route": "inside"},
        },
        "routes": {"inside": {"maildir": "unused"}, "outside": {"next_hops": ["127.0.0.1:1"]}},
        "default_route": "outside",
        "relay_clients": ["127.0.0.77"],
        "limits": {"bad_commands": 10_000, "recipients": 10_000},
        **more,
    }


@pytest.mark.parametrize("sender", SENDERS)
def test_a_stranger_reaches_only_our_domains(sender: str) -> None:
    assert len(NOT_OURS) >= 60
    with listening(_settings()) as there, there.client() as wire:
        assert wire.command(f"MAIL FROM:<{sender}> SMTPUTF8").code == 250
        for form in NOT_OURS:
            answer = wire.command(f"RCPT TO:{form}")
            assert answer.code in (500, 501, 550, 553, 555), (form, answer)
        assert wire.command("DATA").code in (503, 554)
        for form in OURS:
            assert wire.command(f"RCPT TO:{form}").code == 250, form
        assert wire.command("DATA").code == 354
        assert wire.command(b"x\r\n.").code == 250
        domains = {one.address.domain for one in there.intake.mails[0].envelope.recipients}
        assert domains == {"example.org", "below.example", "deep.down.below.example"}


def _rcpt(wire: Wire, recipient: str) -> str:
    wire.command("RSET")
    wire.command("MAIL FROM:<a@example.net>")
    return wire.command(f"RCPT TO:<{recipient}>").text


def test_who_may_relay_reaches_everybody() -> None:
    with listening(_settings()) as there, there.client("127.0.0.77") as wire:
        assert _rcpt(wire, "victim@elsewhere.example") == "250 2.1.5 Ok"
        assert _rcpt(wire, "victim%x@example.org") == "250 2.1.5 Ok"
        assert _rcpt(wire, "anna@example.org") == "250 2.1.5 Ok"


def test_a_refusal_says_why_and_is_counted() -> None:
    with listening(_settings()) as there, there.client() as wire:
        expected = "550 5.7.1 Relaying denied: this host takes no mail for that domain from you"
        assert _rcpt(wire, "victim@elsewhere.example") == expected
        assert there.metrics.counted["refusal", "relay"] == 1


FRONT = "127.0.0.9"


def _front(there: Listening, *lines: str) -> Wire:
    """A front relay's connection that has said these lines."""
    wire = there.client(FRONT)
    for line in lines:
        assert wire.command(line).code in (220, 250), line
    return wire


@pytest.mark.parametrize(
    "lines",
    [
        ["XCLIENT ADDR=198.51.100.7", "EHLO x"],
        ["XCLIENT ADDR=[UNAVAILABLE] NAME=[UNAVAILABLE]", "EHLO x"],
        ["XCLIENT NAME=trusted.example", "EHLO x"],
        ["XCLIENT ADDR=127.0.0.1", "EHLO x"],
        ["XCLIENT ADDR=IPV6:::1", "EHLO x"],
        ["XCLIENT LOGIN=anna", "EHLO x"],
        ["XFORWARD ADDR=198.51.100.7"],
        ["XFORWARD ADDR=[UNAVAILABLE]"],
        ["XFORWARD NAME=trusted.example"],
        ["XFORWARD ADDR=127.0.0.77 SOURCE=LOCAL", "XFORWARD ADDR=198.51.100.7"],
        ["XFORWARD ADDR=127.0.0.1 SOURCE=LOCAL"],
        ["XFORWARD IDENT=ABC"],
        ["XCLIENT ADDR=198.51.100.7", "EHLO x", "XFORWARD IDENT=ABC"],
        ["XCLIENT ADDR=192.0.2.77", "XCLIENT ADDR=198.51.100.7", "EHLO x"],
    ],
)
def test_a_strangers_mail_does_not_relay_by_its_front_relays_address(lines: list[str]) -> None:
    changes = _settings(relay_clients=[FRONT, "192.0.2.77", "127.0.0.0/8", "::1"], front_relays=[FRONT])
    with listening(changes) as there, _front(there, *lines) as wire:
        assert _rcpt_at_once(wire, "victim@elsewhere.example").startswith("550 5.7.1 Relaying denied")
        assert wire.command("RCPT TO:<anna@example.org>").code == 250


def _rcpt_at_once(wire: Wire, recipient: str) -> str:
    assert wire.command("MAIL FROM:<a@example.net>").code == 250
    return wire.command(f"RCPT TO:<{recipient}>").text


@pytest.mark.parametrize("line", ["XCLIENT ADDR=192.0.2.77", "XFORWARD ADDR=192.0.2.77"])
def test_who_may_relay_may_do_so_behind_a_front_relay(line: str) -> None:
    changes = _settings(relay_clients=["192.0.2.77"], front_relays=[FRONT])
    with listening(changes) as there, _front(there, line, "EHLO x") as wire:
        assert _rcpt_at_once(wire, "victim@elsewhere.example") == "250 2.1.5 Ok"


@pytest.mark.parametrize("line", ["XCLIENT ADDR=192.0.2.77", "XFORWARD ADDR=192.0.2.77"])
def test_a_stranger_is_not_believed(line: str) -> None:
    changes = _settings(relay_clients=["192.0.2.77"], front_relays=[FRONT])
    with listening(changes) as there, there.client() as wire:
        assert wire.command(line).text == "550 5.7.0 Not from you"
        assert _rcpt(wire, "victim@elsewhere.example").startswith("550 5.7.1")


def _verified(there_list: Path) -> dict[str, object]:
    return _settings(
        domains={
            "example.org": {"route": "inside", "verify": "list", "recipients": str(there_list)},
            "asked.example": {"route": "outside", "verify": "callout"},
            ".listed.example": {"route": "inside", "verify": "list", "recipients": str(there_list)},
        },
        postmaster=None,
    )


def test_a_list_of_recipients(tmp_path: Path) -> None:
    listed = tmp_path / "recipients.txt"
    listed.write_text(
        "# who we know\nanna@example.org\n\n  Bert@Example.ORG   # with a note\nx@a.listed.example\n", encoding="utf-8"
    )
    with listening(_verified(listed)) as there, there.client() as wire:
        assert _rcpt(wire, "ANNA@example.org") == "250 2.1.5 Ok"
        assert _rcpt(wire, "bert@example.org") == "250 2.1.5 Ok"
        assert _rcpt(wire, '"bert"@example.org') == "250 2.1.5 Ok"
        assert _rcpt(wire, "x@a.listed.example") == "250 2.1.5 Ok"
        assert _rcpt(wire, "x@b.listed.example") == "550 5.1.1 No such user here"
        assert _rcpt(wire, "carl@example.org") == "550 5.1.1 No such user here"
        assert there.metrics.counted["refusal", "unknown_user"] == 2
        for postmaster in ("postmaster@example.org", "Postmaster@EXAMPLE.ORG", "postmaster@a.listed.example", "PostMaster"):
            assert _rcpt(wire, postmaster) == "250 2.1.5 Ok"


@pytest.mark.parametrize(
    ("configured", "goal"),
    [
        (None, "postmaster@example.org"),
        ("help@other.example", "help@other.example"),
        ("help@nowhere.example", "postmaster@example.org"),
    ],
)
def test_the_bare_postmaster_is_one_whom_a_route_leads_to(configured: str | None, goal: str) -> None:
    domains = {"example.org": {"route": "inside"}, ".other.example": {"route": "inside"}}
    with listening({"domains": domains, "postmaster": configured}) as there, there.client() as wire:
        for command in ("MAIL FROM:<ben@example.net>", "RCPT TO:<Postmaster>", "DATA", "."):
            assert wire.command(command).code < 400
        assert [str(one.address) for one in there.intake.mails[0].envelope.recipients] == [goal]


@pytest.mark.parametrize("default_route", [None, "inside"])
def test_the_postmaster_of_our_own_name_is_the_bare_one(default_route: str | None) -> None:
    """Reports come from there, and people answer them."""
    settings = {"hostname": "HOP.example.net", "domains": {"example.org": {"route": "inside"}}, "default_route": default_route}
    with listening(settings) as there, there.client() as wire:
        assert wire.command("MAIL FROM:<ben@example.net>").code == 250
        assert wire.command("RCPT TO:<anna@hop.example.net>").code == 550
        for command in ("RCPT TO:<Postmaster@hop.EXAMPLE.net>", "DATA", "."):
            assert wire.command(command).code < 400
        assert [str(one.address) for one in there.intake.mails[0].envelope.recipients] == ["postmaster@example.org"]


def test_a_changed_list_counts_at_once_and_a_bad_one_never(tmp_path: Path) -> None:
    listed = tmp_path / "recipients.txt"
    listed.write_text("anna@example.org\n", encoding="utf-8")
    with listening(_verified(listed)) as there, there.client() as wire:
        assert _rcpt(wire, "carl@example.org").startswith("550 5.1.1")
        _replace(listed, "anna@example.org\ncarl@example.org\n")
        assert _rcpt(wire, "carl@example.org") == "250 2.1.5 Ok"
        for bad in ("dora@example.org\nthis is no address\n", "", "# nobody\n"):
            _replace(listed, bad)
            assert _rcpt(wire, "carl@example.org") == "250 2.1.5 Ok"
            assert _rcpt(wire, "dora@example.org").startswith("550 5.1.1")
        listed.unlink()
        assert _rcpt(wire, "carl@example.org") == "250 2.1.5 Ok"
        _replace(listed, "dora@example.org\n")
        assert _rcpt(wire, "dora@example.org") == "250 2.1.5 Ok"
        assert _rcpt(wire, "carl@example.org").startswith("550 5.1.1")


def test_a_list_without_an_address_of_its_domain_is_not_taken(tmp_path: Path) -> None:
    """One file may serve several domains; for the one that it has lost, the list before stays in force."""
    listed = tmp_path / "recipients.txt"
    listed.write_text("anna@example.org\nx@a.listed.example\n", encoding="utf-8")
    with listening(_verified(listed)) as there, there.client() as wire:
        assert there.lists == {"example.org": [True], ".listed.example": [True]}
        _replace(listed, "x@listed.example\nx@b.listed.example\nanna@notexample.org\n")
        assert _rcpt(wire, "anna@example.org") == "250 2.1.5 Ok"
        assert _rcpt(wire, "x@b.listed.example") == "250 2.1.5 Ok"
        assert _rcpt(wire, "x@listed.example") == "250 2.1.5 Ok"
        assert _rcpt(wire, "x@a.listed.example").startswith("550 5.1.1")
        assert there.lists == {"example.org": [True, False], ".listed.example": [True, True]}
        _replace(listed, "bert@example.org\n")
        assert _rcpt(wire, "anna@example.org").startswith("550 5.1.1")
        assert _rcpt(wire, "x@b.listed.example") == "250 2.1.5 Ok"
        assert there.lists == {"example.org": [True, False, True], ".listed.example": [True, True, False]}


def test_the_reason_why_a_list_is_not_taken_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    listed = tmp_path / "recipients.txt"
    listed.write_text("anna@example.org\n", encoding="utf-8")
    with listening(_verified(listed)) as there, there.client() as wire:
        for bad in ("anna@elsewhere.example\n", "", "no address\n"):
            _replace(listed, bad)
            assert _rcpt(wire, "anna@example.org") == "250 2.1.5 Ok"
        assert there.lists["example.org"] == [True, False, False, False]
    said = [vars(one)["fields"] for one in caplog.records if one.message == "reload-failed"]
    assert [(one["domain"], one["complaints"][0].removeprefix(f"{listed}:")) for one in said] == [
        ("example.org", "1:1: the list has no address of example.org any more: the one before stays in force"),
        ("example.org", "1:1: the list became empty: the one before stays in force"),
        (
            "example.org",
            "1:1: 'no address' is no mailbox: expected '@' after 'no': expected one address such as \"anna@example.org\"",
        ),
    ]


@pytest.mark.parametrize("content", ["# nobody yet\n", "anna@elsewhere.example\n"])
def test_a_list_that_has_nobody_at_the_start_is_told_and_takes_whoever_comes(tmp_path: Path, content: str) -> None:
    listed = tmp_path / "recipients.txt"
    listed.write_text(content, encoding="utf-8")
    with listening(_verified(listed)) as there, there.client() as wire:
        assert there.lists["example.org"] == [False]
        assert [str(one) for one in there.access.warnings()] == [
            f"{listed}:1:1: warning: has no address of {name}: everybody there is refused with 550 5.1.1"
            for name in ("example.org", ".listed.example")
        ]
        assert _rcpt(wire, "anna@example.org").startswith("550 5.1.1")
        _replace(listed, "# still nobody\n")
        assert _rcpt(wire, "anna@example.org").startswith("550 5.1.1")
        assert there.lists["example.org"] == [False, False]
        _replace(listed, "anna@example.org\n")
        assert _rcpt(wire, "anna@example.org") == "250 2.1.5 Ok"
        assert there.lists["example.org"] == [False, False, True]
        assert len(there.access.warnings()) == 1


def test_an_address_counts_for_the_closest_domain_alone(tmp_path: Path) -> None:
    listed = tmp_path / "recipients.txt"
    listed.write_text("anna@sub.listed.example\n", encoding="utf-8")
    both = {
        name: {"route": "inside", "verify": "list", "recipients": str(listed)} for name in (".listed.example", "sub.listed.example")
    }
    access = Access(settings(_settings(domains=both)), None)
    assert [one.text.partition(":")[0] for one in access.warnings()] == ["has no address of .listed.example"]


def test_a_list_that_is_no_file_any_more_is_not_waited_for(tmp_path: Path) -> None:
    listed = tmp_path / "recipients.txt"
    listed.write_text("anna@example.org\n", encoding="utf-8")
    with listening(_verified(listed)) as there, there.client() as wire:
        assert _rcpt(wire, "anna@example.org") == "250 2.1.5 Ok"
        listed.unlink()
        os.mkfifo(listed)
        assert _rcpt(wire, "anna@example.org") == "250 2.1.5 Ok"
        assert _rcpt(wire, "carl@example.org").startswith("550 5.1.1")
    with pytest.raises(Complaints, match="cannot be read: is no regular file"):
        Access(settings(_verified(listed)), None)


def _replace(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)  # noqa: PTH105


def test_a_bad_list_is_told_with_its_lines(tmp_path: Path) -> None:
    listed = tmp_path / "recipients.txt"
    listed.write_text("anna@example.org\nno address\n\nanna@@example.org\n", encoding="utf-8")
    with pytest.raises(Complaints) as raised:
        Access(settings(_verified(listed)), None)
    lines = str(raised.value).splitlines()
    assert {line.split(": ")[0] for line in lines} == {f"{listed}:2:1", f"{listed}:4:1"}
    assert all("expected one address" in line for line in lines)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Reply(250, "2.1.5", "Ok"), "250 2.1.5 Ok"),
        (Reply(550, "5.1.1", "<secret> at inner.host"), "550 5.1.1 No such user here"),
        (Reply(451, "4.3.0", "later"), "250 2.1.5 Ok"),
        (None, "250 2.1.5 Ok"),
    ],
)
def test_the_next_hop_is_asked(tmp_path: Path, answer: Reply | None, expected: str) -> None:
    listed = tmp_path / "recipients.txt"
    listed.write_text("anna@example.org\n", encoding="utf-8")
    with listening(_verified(listed)) as there, there.client() as wire:
        there.callout.answers["carl@asked.example"] = answer
        assert _rcpt(wire, "carl@asked.example") == expected
        assert there.callout.asked == [("carl@asked.example", "outside")]
        assert _rcpt(wire, "postmaster@asked.example") == "250 2.1.5 Ok"
        assert len(there.callout.asked) == 1


def test_rules_refuse_a_recipient_but_never_postmaster() -> None:
    with listening(_settings()) as there, there.client() as wire:
        there.intake.refuses = lambda _client, _sender, recipient: Reply(550, "5.7.1", f"not {recipient.local}")
        assert _rcpt(wire, "anna@example.org") == "550 5.7.1 not anna"
        assert _rcpt(wire, "postmaster@example.org") == "250 2.1.5 Ok"
        assert _rcpt(wire, "postmaster") == "250 2.1.5 Ok"
        client, sender, recipient = there.intake.asked[0]
        assert (client.address, sender.text, recipient.text) == ("127.0.0.1", "a@example.net", "anna@example.org")
