"""MAIL, RCPT and EHLO arguments: values or a refusal, never an exception."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screener.mail.envelope import Body, Notify, Recipient, Return
from screener.mail.reply import Reply
from screener.smtp.grammar import MailFrom, parse_helo, parse_mail, parse_rcpt
from screener.smtp.xclient import XCLIENT, parse_attributes

_PARTS = ["FROM:", "TO:", "<", ">", "@", '"', "\\", ":", ",", ".", "a", "example.org", "[192.0.2.1]", "[IPv6:::1]", "xn--", "ß"]
_KEYWORDS = ["\0", " ", "SIZE=", "BODY=", "NOTIFY=", "ORCPT=", "ENVID=", "+", "=", "1", "NEVER", "SMTPUTF8", "\u202e", "\ud800"]
_WORDS = st.sampled_from([*_PARTS, *_KEYWORDS, "é" * 70])
_TEXTS = st.one_of(st.lists(_WORDS, max_size=15).map("".join), st.text(max_size=200))


@given(_TEXTS)
@settings(max_examples=1000, deadline=None)
@example("FROM:<" + '"\\' * 2000)
@example("TO:<" + "@a," * 1300 + ":x@y>")
@example("FROM:<" + "a." * 2000 + "@b>")
@example("FROM:<a@" + "b-" * 2000 + ">")
def test_nothing_raises(text: str) -> None:
    for argument in (text, f"FROM:<{text}>", f"TO:<{text}> {text}", f"FROM:<a@b.example> {text}"):
        mail = parse_mail(argument)
        assert isinstance(mail, MailFrom) or mail.is_permanent
        for smtputf8 in (False, True):
            rcpt = parse_rcpt(argument, smtputf8=smtputf8)
            assert isinstance(rcpt, Recipient) or rcpt.is_permanent
            if isinstance(rcpt, Recipient) and not smtputf8:
                assert rcpt.address.text.isascii()
    helo = parse_helo(text)
    assert isinstance(helo, str) or helo.is_permanent
    attributes = parse_attributes(text, XCLIENT)
    assert isinstance(attributes, dict) or attributes.is_permanent


@given(_TEXTS)
@settings(max_examples=300, deadline=None)
def test_refusals_are_printable_lines(text: str) -> None:
    mail = parse_mail(f"FROM:<{text}> {text}")
    if isinstance(mail, Reply):
        octets = mail.octets()
        assert octets.count(b"\r\n") == 1
        assert all(32 <= octet < 127 for octet in octets[:-2])
        assert len(octets) < 512


def _mail(argument: str) -> MailFrom:
    parsed = parse_mail(argument)
    assert isinstance(parsed, MailFrom), parsed
    return parsed


def _rcpt(argument: str) -> Recipient:
    parsed = parse_rcpt(argument, smtputf8=True)
    assert isinstance(parsed, Recipient), parsed
    return parsed


@pytest.mark.parametrize(
    ("path", "text", "local", "domain"),
    [
        ("<a@example.net>", "a@example.net", "a", "example.net"),
        ("<A.B@Example.NET>", "A.B@Example.NET", "A.B", "example.net"),
        ('<"a b"@example.net>', '"a b"@example.net', "a b", "example.net"),
        ('<"a\\"b>c"@example.net>', '"a\\"b>c"@example.net', 'a"b>c', "example.net"),
        ("<a@[192.0.2.1]>", "a@[192.0.2.1]", "a", "[192.0.2.1]"),
        ("<a@[IPv6:2001:DB8:0::1]>", "a@[IPv6:2001:DB8:0::1]", "a", "[IPv6:2001:db8::1]"),
        ("<@x.example,@y.example:a@example.net>", "a@example.net", "a", "example.net"),
        ("<@[IPv6:::1]:a@example.net>", "a@example.net", "a", "example.net"),
        ("<>", "", "", ""),
    ],
)
def test_paths(path: str, text: str, local: str, domain: str) -> None:
    sender = _mail(f"FROM:{path}").sender
    assert (sender.text, sender.local, sender.domain) == (text, local, domain)


def test_all_parameters_of_mail() -> None:
    argument = "FROM:<a@example.net> size=12 Body=8bitmime SMTPUTF8 RET=full ENVID=x=+3D AUTH=<>"
    parsed = _mail(argument)
    assert parsed == MailFrom(parsed.sender, 12, Body.EIGHT_BIT, True, Return.FULL, "x=+3D")


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ("SIZE", 501),
        ("SIZE=", 501),
        ("SIZE=x", 501),
        ("SIZE=-1", 501),
        ("SIZE=" + "9" * 21, 501),
        ("SIZE=1 SIZE=1", 501),
        ("SIZE=1 size=2", 501),
        ("BODY=BINARYMIME", 501),
        ("BODY", 501),
        ("SMTPUTF8=yes", 501),
        ("RET=ALL", 501),
        ("ENVID=", 501),
        ("ENVID=+G1", 501),
        ("ENVID=" + "x" * 101, 501),
        ("AUTH=", 501),
        ("AUTH", 501),
        ("=x", 501),
        ("-x=1", 501),
        ("NOTIFY=NEVER", 555),
        ("HOLDFOR=10", 555),
        ("XOORG=x", 555),
    ],
)
def test_wrong_parameters_of_mail(parameters: str, code: int) -> None:
    parsed = parse_mail(f"FROM:<a@example.net> {parameters}")
    assert isinstance(parsed, Reply)
    assert (parsed.code, parsed.enhanced) == (code, "5.5.4")


@pytest.mark.parametrize(
    ("parameters", "notify", "orcpt"),
    [
        ("NOTIFY=never", {Notify.NEVER}, ""),
        ("NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@c", {Notify.SUCCESS, Notify.FAILURE}, "rfc822;a+2Bb@c"),
        ("ORCPT=utf-8;bö@c", frozenset(), "utf-8;bö@c"),
    ],
)
def test_parameters_of_rcpt(parameters: str, notify: frozenset[Notify], orcpt: str) -> None:
    recipient = _rcpt(f"TO:<a@example.org> {parameters}")
    assert (recipient.notify, recipient.orcpt) == (notify, orcpt)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ("NOTIFY=", 501),
        ("NOTIFY", 501),
        ("NOTIFY=NEVER,SUCCESS", 501),
        ("NOTIFY=SOMETIMES", 501),
        ("ORCPT=a@b", 501),
        ("ORCPT=rfc822;" + "x" * 500, 501),
        ("SIZE=1", 555),
        ("RRVS=x", 555),
    ],
)
def test_wrong_parameters_of_rcpt(parameters: str, code: int) -> None:
    parsed = parse_rcpt(f"TO:<a@example.org> {parameters}", smtputf8=True)
    assert isinstance(parsed, Reply)
    assert parsed.code == code


def test_addresses_beyond_ascii_need_smtputf8() -> None:
    for parsed in (
        parse_mail("FROM:<bö@example.net>"),
        parse_mail("FROM:<bö@example.net> SIZE=1"),
        parse_rcpt("TO:<b@exämple.org>", smtputf8=False),
    ):
        assert isinstance(parsed, Reply)
        assert (parsed.code, parsed.enhanced) == (553, "5.6.7")
    assert _mail("FROM:<bö@exämple.net> SMTPUTF8").sender.domain == "xn--exmple-cua.net"
    assert _rcpt("TO:<bö@exämple.org>").address.local == "bö"


@pytest.mark.parametrize("path", ["<postmaster>", "<Postmaster>", "<POSTMASTER>"])
def test_the_bare_postmaster(path: str) -> None:
    assert _rcpt(f"TO:{path}").address.domain == ""
    assert isinstance(parse_mail(f"FROM:{path}"), Reply)


@pytest.mark.parametrize("name", ["x", "[192.0.2.1]", "under_score", "a" * 255])
def test_helo_names(name: str) -> None:
    assert parse_helo(name) == name


@pytest.mark.parametrize("name", ["", "two words", "é", "a" * 256, "\x7f"])
def test_no_helo_names(name: str) -> None:
    assert isinstance(parse_helo(name), Reply)
