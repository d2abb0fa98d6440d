"""Reports read with `email`, field by field, also about mail whose header is out to break them."""

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage, Message

import pytest
from fakes.delivering import TRACE, make_keep, rcpt, route_to, settings
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from screener.delivery.dsn import MAX_HEADER, Concerned, Done, Kind, Reporter, header_of, report
from screener.delivery.outcome import Answer, Fate, deferred
from screener.delivery.settling import Settling
from screener.mail.address import Address
from screener.mail.envelope import Notify, Recipient, Return
from screener.mail.reply import Reply
from screener.store.records import Entry, Keep, Settle, State

REPORTER = Reporter("screener.example.org", Address.parse("postmaster@example.org"))
REFUSED = Reply(550, "5.1.1", "No such user")
CONFIG = settings({"inside": route_to(25)}, domains={"example.org": "inside", "example.net": "inside"})
NOW = 1_700_000_000.0


def _failed(recipient: Recipient, reply: Reply = REFUSED) -> Concerned:
    return Concerned(recipient, Done.FAILED, reply.enhanced or "5.0.0", reply, heard=True, next_hop="192.0.2.10:25")


def _about(to: tuple[Recipient, ...], **of: object) -> Keep:
    return make_keep(CONFIG, to, NOW, **of)  # type: ignore[arg-type]


def _made(
    header: bytes = b"Subject: x\r\n", *concerned: Concerned, kind: Kind = Kind.FAILURE, **of: object
) -> tuple[Keep, EmailMessage]:
    to = rcpt("b@example.org")
    keep = report(
        kind,
        _about((to,), **of).stored(),
        header,
        concerned or (_failed(to),),
        REPORTER,
        route="inside",
        now=NOW,
        mail_id="0REPORT0",
    )
    return keep, _parsed(bytes(keep.mail.content.octets))


def _parsed(octets: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(octets, policy=email.policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _groups(parsed: EmailMessage) -> list[Message]:
    groups = list(parsed.iter_parts())[1].get_payload()
    assert isinstance(groups, list)
    return [one for one in groups if isinstance(one, Message)]


def test_a_failure_report_field_by_field() -> None:
    concerned = (
        _failed(rcpt("b@example.org", orcpt="rfc822;old+2Bname@example.org")),
        Concerned(
            rcpt("c@example.org"), Done.FAILED, "4.4.7", Reply(451, "4.4.1", "Cannot connect: Connection refused"), heard=False
        ),
    )
    keep, parsed = _made(b"Received: x\r\nSubject: x\r\n", *concerned, envid="QQ314159+2B")
    assert parsed["From"] == "Mail Delivery System <postmaster@example.org>"
    assert parsed["To"] == "sender@example.net"
    assert parsed["Subject"] == "Undeliverable: your message was not delivered"
    assert parsed["Auto-Submitted"] == "auto-replied"
    assert parsed["Message-ID"] == "<0REPORT0@screener.example.org>"
    assert parsed["In-Reply-To"] == parsed["References"] == "<m1@example.net>"
    assert parsed["Date"].datetime.timestamp() == NOW
    assert parsed.get_content_type() == "multipart/report"
    assert parsed.get_param("report-type") == "delivery-status"
    people, machines, header = parsed.iter_parts()
    assert [people.get_content_type(), machines.get_content_type(), header.get_content_type()] == [
        "text/plain",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    text = people.get_content().replace("\r\n", "\n")
    assert "<b@example.org>: failed\n    192.0.2.10:25 said: 550 5.1.1 No such user" in text
    assert "<c@example.org>: failed\n    Cannot connect: Connection refused" in text
    assert header.get_payload(decode=True) == b"Received: x\r\nSubject: x\r\n"
    whole, first, second = _groups(parsed)
    assert dict(whole.items()) == {
        "Reporting-MTA": "dns; screener.example.org",
        "Original-Envelope-Id": "QQ314159+",
        "Arrival-Date": whole["Arrival-Date"],
    }
    assert email.utils.parsedate_to_datetime(whole["Arrival-Date"]).timestamp() == NOW
    assert dict(first.items()) == {
        "Original-Recipient": "rfc822; old+name@example.org",
        "Final-Recipient": "rfc822; b@example.org",
        "Action": "failed",
        "Status": "5.1.1",
        "Remote-MTA": "dns; [192.0.2.10]",
        "Diagnostic-Code": "smtp; 550 5.1.1 No such user",
        "Last-Attempt-Date": first["Last-Attempt-Date"],
    }
    assert (second["Status"], second["Diagnostic-Code"]) == ("4.4.7", "x-screener; Cannot connect: Connection refused")
    assert second["Remote-MTA"] is None
    assert keep.mail.envelope.sender.is_null
    assert [new.recipient.address.text for new in keep.recipients] == ["sender@example.net"]
    assert (keep.recipients[0].route, keep.recipients[0].state) == ("inside", State.QUEUED)
    assert bytes(keep.mail.content.octets).isascii()


def test_a_delay_notice_says_until_when() -> None:
    to = rcpt("b@example.org")
    delayed = Concerned(to, Done.DELAYED, "4.7.1", Reply(451, "4.7.1", "later"), True, "hop:25", retry_until=NOW + 1000)
    _, parsed = _made(b"Subject: x\r\n", delayed, kind=Kind.DELAY)
    _, group = _groups(parsed)
    assert (group["Action"], group["Status"], group["Remote-MTA"]) == ("delayed", "4.7.1", "dns; hop")
    assert email.utils.parsedate_to_datetime(group["Will-Retry-Until"]).timestamp() == NOW + 1000
    assert "you need not send it again" in next(parsed.iter_parts()).get_content()


def test_a_sender_in_utf8_is_told_in_utf8() -> None:
    to = rcpt("jörg@example.org")
    keep, parsed = _made(b"Subject: x\r\n", _failed(to), sender="käthe@example.net", smtputf8=True)
    assert keep.mail.envelope.smtputf8
    assert "To: <käthe@example.net>\r\n".encode() in bytes(keep.mail.content.octets)
    assert _groups(parsed)[1]["Final-Recipient"] == "utf-8; j\\x{F6}rg@example.org"
    assert "<jörg@example.org>: failed" in next(parsed.iter_parts()).get_content()


HOSTILE = {
    "8-bit": b"Subject: \xe4\xf6\xfc \xff\xfe\r\nFrom: \x80\r\n",
    "boundaries": b"X: 1\r\n--=_report_0REPORT0_0\r\nContent-Type: text/html\r\n\r\n<b>\r\n--=_report_0REPORT0_0--\r\n",
    "boundaries guessed far": b"".join(b"--=_report_0REPORT0_%d--\r\n" % number for number in range(50)),
    "bare line ends": b"Subject: a\rb\nc\r\n\nX: y\r\n",
    "NUL": b"Subject: \0\0\r\n",
    "a line without end": b"Subject: " + b"x" * 60_000 + b"\r\n",
    "white space": b"Subject: x  \r\n \t \r\n",
    "no line end": b"Subject: x",
    "equals": b"Subject: =3D=\r\n=\r\n=41\r\n",
    "a dot": b"X: y\r\n.\r\n..\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("header", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_header_breaks_the_report(header: bytes) -> None:
    _holds(header)


@given(
    st.lists(
        st.sampled_from([b"\r", b"\n", b"\r\n", b"--=_report_0REPORT0_0", b"--", b"=", b" ", b"\t", b"a", b"\xff", b"\0", b"."]),
        max_size=30,
    )
)
@given_settings(max_examples=300, deadline=None)
def test_no_header_that_can_be_thought_of_breaks_the_report(pieces: list[bytes]) -> None:
    _holds(b"".join(pieces))


def _holds(header: bytes) -> None:
    keep, parsed = _made(header)
    octets = bytes(keep.mail.content.octets)
    assert octets.isascii()
    assert b"\0" not in octets
    assert octets.count(b"\n") == octets.count(b"\r\n") == octets.count(b"\r")
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    parts = list(parsed.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    assert not any(part.defects for part in parsed.walk())
    assert len(_groups(parsed)) == 2
    returned = parts[2].get_payload(decode=True)
    assert returned == header


def test_hostile_words_of_a_next_hop_stay_in_their_field() -> None:
    reply = Reply(550, "5.1.1", "no\nAction: delivered\n\n--=_report_0REPORT0_0--")
    _, parsed = _made(b"Subject: x\r\n", _failed(rcpt("b@example.org"), reply))
    _, group = _groups(parsed)
    assert group["Action"] == "failed"
    assert len(list(parsed.iter_parts())) == 3


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (b"A: 1\r\nB: 2\r\n\r\nbody\r\n\r\nmore\r\n", TRACE + b"A: 1\r\nB: 2\r\n"),
        (b"\r\nbody\r\n", TRACE),
        (b"A: 1\r\n", TRACE + b"A: 1\r\n"),
        (b"no line end", TRACE),
        (b"", TRACE),
    ],
)
def test_only_the_header_is_returned(content: bytes, header: bytes) -> None:
    assert header_of(TRACE, content) == header


def test_a_long_header_is_cut_at_a_line() -> None:
    content = b"X: " + b"y" * 90 + b"\r\n"
    header = header_of(b"", content * 2000 + b"\r\nbody")
    assert MAX_HEADER - len(content) < len(header) <= MAX_HEADER
    assert header.endswith(b"\r\n")


# who is told what


def _settled(
    recipient: Recipient, answer: Answer, *, sender: str = "sender@example.net", now: float = NOW, noticed: bool = False
) -> Settle:
    keep = make_keep(CONFIG, (recipient,), NOW, sender=sender)
    (entry,) = keep.entries()
    entry = Entry(**{name: getattr(entry, name) for name in Entry.__slots__} | {"delay_noticed": noticed})
    return Settling(CONFIG, lambda _: "0REPORT0").settle(keep.stored(), lambda: b"Subject: x\r\n", [(entry, answer)], now).settle


HEARD_OK = Answer(Fate.DELIVERED, Reply(250, "2.0.0", "Ok"), "hop:25", "id1")
PASSED_ON = Answer(Fate.DELIVERED, Reply(250, "2.0.0", "Ok"), "hop:25", "id1", passed_on=True)
DROPPED = Answer(Fate.DELIVERED, Reply(250, "2.0.0", "Kept"), "maildir", heard=False)
NO = Answer(Fate.FAILED, REFUSED, "hop:25")
LATER = deferred("4.4.1", "not now", "hop:25")
DAY = 86_400.0


@pytest.mark.parametrize(
    ("notify", "answer", "after", "state", "action"),
    [
        ((), HEARD_OK, 0.0, State.DELIVERED, None),
        ((Notify.SUCCESS,), HEARD_OK, 0.0, State.DELIVERED, "relayed"),
        ((Notify.SUCCESS,), PASSED_ON, 0.0, State.DELIVERED, None),
        ((Notify.SUCCESS,), DROPPED, 0.0, State.DELIVERED, "delivered"),
        ((Notify.FAILURE,), HEARD_OK, 0.0, State.DELIVERED, None),
        ((), NO, 0.0, State.FAILED, "failed"),
        ((Notify.FAILURE,), NO, 0.0, State.FAILED, "failed"),
        ((Notify.NEVER,), NO, 0.0, State.FAILED, None),
        ((Notify.SUCCESS,), NO, 0.0, State.FAILED, None),
        ((Notify.DELAY,), NO, 0.0, State.FAILED, None),
        ((), LATER, 3600.0, State.QUEUED, None),
        ((), LATER, DAY / 2, State.QUEUED, "delayed"),
        ((Notify.DELAY,), LATER, DAY / 2, State.QUEUED, "delayed"),
        ((Notify.FAILURE,), LATER, DAY / 2, State.QUEUED, None),
        ((Notify.NEVER,), LATER, DAY / 2, State.QUEUED, None),
        ((), LATER, 2 * DAY, State.FAILED, "failed"),
        ((Notify.NEVER,), LATER, 2 * DAY, State.FAILED, None),
    ],
)
def test_who_is_told(notify: tuple[Notify, ...], answer: Answer, after: float, state: State, action: str | None) -> None:
    settle = _settled(rcpt("b@example.org", *notify), answer, now=NOW + after)
    assert settle.outcomes[0].state is state
    actions = [_groups(_parsed(bytes(one.mail.content.octets)))[1]["Action"] for one in settle.reports]
    assert actions == ([] if action is None else [action])
    assert settle.outcomes[0].delay_noticed is (action == "delayed")


@pytest.mark.parametrize("answer", [NO, LATER, HEARD_OK])
def test_nobody_is_told_about_mail_of_the_null_sender(answer: Answer) -> None:
    settle = _settled(rcpt("b@example.org", Notify.SUCCESS, Notify.FAILURE, Notify.DELAY), answer, sender="", now=NOW + 2 * DAY)
    assert settle.reports == ()
    assert settle.outcomes[0].state is (State.DELIVERED if answer is HEARD_OK else State.HELD)


@pytest.mark.parametrize(
    ("notify", "after", "state", "reply"),
    [
        ((), 0.0, State.QUEUED, "not now"),
        ((), DAY / 2, State.QUEUED, "not now"),
        ((), 2 * DAY, State.HELD, "not now; no route for the report to elsewhere.example: set `default_route`"),
        ((Notify.NEVER,), 2 * DAY, State.FAILED, "not now"),
    ],
)
def test_what_is_held_because_its_report_has_no_route_says_so(
    notify: tuple[Notify, ...], after: float, state: State, reply: str
) -> None:
    settle = _settled(rcpt("b@example.org", *notify), LATER, sender="a@elsewhere.example", now=NOW + after)
    assert settle.reports == ()
    assert [(one.state, one.reply, one.delay_noticed) for one in settle.outcomes] == [(state, reply, False)]


def test_the_delay_is_told_once() -> None:
    assert _settled(rcpt("b@example.org"), LATER, now=NOW + DAY, noticed=True).reports == ()


def test_a_report_that_asks_for_the_whole_mail_gets_its_header() -> None:
    """Only headers ever go back: RET=FULL is for next hops that offer DSN."""
    _, parsed = _made(b"Subject: x\r\n", ret=Return.FULL)
    assert list(parsed.iter_parts())[2].get_content_type() == "text/rfc822-headers"


def test_a_final_report_says_that_it_may_have_arrived() -> None:
    keep = make_keep(CONFIG, [rcpt("b@example.org"), rcpt("c@example.org"), rcpt("d@example.org")], NOW)
    lost = replace(keep.entries()[0], doubtful=1)
    lost_last = deferred("4.4.2", "The content was sent and no reply came", "hop:25", fate=Fate.DOUBTFUL)
    answered = [(lost, NO), (keep.entries()[1], lost_last), (keep.entries()[2], NO)]
    (report,) = Settling(CONFIG, lambda _: "0REPORT0").settle(keep.stored(), lambda: b"", answered, NOW + 2 * DAY).settle.reports
    text = next(_parsed(bytes(report.mail.content.octets)).iter_parts()).get_content()
    told = {part.partition(">")[0]: "It may have arrived all the same" in part for part in text.split("<")[1:]}
    assert told == {"b@example.org": True, "c@example.org": True, "d@example.org": False}
