"""Mail that goes to somebody else than the sender wrote: one copy each, and no word of it in any report."""

from pathlib import Path

import pytest
from fakes.delivering import Clock, Hub, delivering, make_keep, rcpt, route_to, settings
from fakes.next_hop import Behaviour, NextHop
from fakes.waiting import eventually

from screener.config.models import Config, Route
from screener.delivery.packing import groups, pack
from screener.mail.address import Address
from screener.mail.envelope import Notify, Recipient
from screener.mail.verdict import Action, Verdict
from screener.store.changes import Redirect
from screener.store.records import Keep, NewRecipient, State

SECRET = "secret@lab.example.org"
QUOTES = {
    SECRET: f"550 5.1.1 <{SECRET}>: no mailbox for secret at lab",
    "other@lab.example.org": "550 5.1.1 <other@lab.example.org>",
}


def _config(port: int, lab: int) -> Config:
    domains = {"lab.example.org": "lab", "example.org": "inside", "example.net": "inside"}
    return settings({"inside": route_to(port), "lab": route_to(lab)}, domains=domains)


def _redirected(config: Config, *recipients: Recipient, also: tuple[str, ...] = (), target: str = SECRET) -> Keep:
    """As the intake keeps it."""
    verdict = Verdict(Action.REDIRECT, "to the lab", "rules/1.yaml:1", target=Address.parse(target))
    keep = make_keep(config, [*recipients, *map(rcpt, also)], Clock()())
    new: list[NewRecipient] = []
    for one in recipients:
        route = config.route_of(Address.parse(target).domain) or ""
        new += [NewRecipient(one, State.REDIRECTED, verdict), NewRecipient(rcpt(target), State.QUEUED, verdict, route)]
    return Keep(keep.mail, keep.facts, keep.ruleset, (*new, *keep.recipients[len(recipients) :]))


async def _kept(hub: Hub, keep: Keep) -> str:
    assert hub.store.apply([keep]) == [None]
    hub.delivery.wake()
    return keep.mail.id


def _told(report: bytes) -> list[bytes]:
    """The fields that name recipients, and what was said of them."""
    wanted = (b"Original-Recipient:", b"Final-Recipient:", b"Action:", b"Status:", b"Diagnostic-Code:", b"Remote-MTA:")
    return [line for line in report.split(b"\r\n") if line.startswith(wanted)]


async def test_a_failure_report_names_whom_the_sender_wrote_to(tmp_path: Path) -> None:
    with NextHop() as hop, NextHop(Behaviour(rcpt=QUOTES)) as lab:
        config = _config(hop.port, lab.port)
        async with delivering(config, tmp_path) as hub:
            one, two = rcpt("one@example.org", orcpt="rfc822;first+2Bname@example.org"), rcpt("two@example.org")
            mail_id = await _kept(hub, _redirected(config, one, two))
            await hub.until_state(mail_id, State.REDIRECTED, State.FAILED, State.REDIRECTED, State.FAILED)
            await eventually(lambda: len(hop.mails) == 1, "the report is delivered")
    report = hop.mails[0].content
    assert b"secret" not in report
    assert b"lab" not in report
    assert str(lab.port).encode() not in report
    assert b"<one@example.org>: failed\r\n    550 5.1.1\r\n<two@example.org>: failed\r\n    550 5.1.1\r\n" in report
    failed = [b"Action: failed", b"Status: 5.1.1", b"Diagnostic-Code: smtp; 550 5.1.1"]
    assert _told(report) == [
        b"Original-Recipient: rfc822; first+name@example.org",
        b"Final-Recipient: rfc822; one@example.org",
        *failed,
        b"Final-Recipient: rfc822; two@example.org",
        *failed,
    ]


async def test_a_delay_notice_names_neither_the_target_nor_its_next_hop(tmp_path: Path) -> None:
    clock = Clock()
    with NextHop() as hop, NextHop() as lab:
        lab.down()
        config = _config(hop.port, lab.port)
        async with delivering(config, tmp_path, clock=clock) as hub:
            mail_id = await _kept(hub, _redirected(config, rcpt("one@example.org")))
            await hub.until_attempts(mail_id, 1, key=1)
            clock.ahead = 43_201.0
            hub.delivery.wake()
            await eventually(lambda: len(hop.mails) == 1, "the notice is delivered")
    notice = hop.mails[0].content
    assert b"secret" not in notice
    assert b"lab" not in notice
    assert str(lab.port).encode() not in notice
    assert b"Final-Recipient: rfc822; one@example.org\r\nAction: delayed" in notice
    assert b"    It could not be passed on\r\n" in notice


@pytest.mark.parametrize("keywords", [("PIPELINING", "DSN"), ("PIPELINING",)], ids=["with DSN", "without"])
async def test_a_success_is_told_for_whom_the_sender_wrote_to(tmp_path: Path, keywords: tuple[str, ...]) -> None:
    with NextHop() as hop, NextHop(Behaviour(keywords=keywords)) as lab:
        config = _config(hop.port, lab.port)
        async with delivering(config, tmp_path) as hub:
            mail_id = await _kept(hub, _redirected(config, rcpt("one@example.org", Notify.SUCCESS)))
            await hub.until_state(mail_id, State.REDIRECTED, State.DELIVERED)
            await eventually(lambda: len(hop.mails) == 1, "the report is delivered")
    assert _told(hop.mails[0].content)[:2] == [b"Final-Recipient: rfc822; one@example.org", b"Action: relayed"]
    assert b"secret" not in hop.mails[0].content


async def test_who_wants_no_report_gets_none_for_a_target_either(tmp_path: Path) -> None:
    with NextHop() as hop, NextHop(Behaviour(rcpt=QUOTES)) as lab:
        config = _config(hop.port, lab.port)
        async with delivering(config, tmp_path) as hub:
            mail_id = await _kept(hub, _redirected(config, rcpt("one@example.org", Notify.NEVER)))
            await hub.until_state(mail_id, State.REDIRECTED, State.FAILED)
            assert hub.reports() == []


async def test_a_person_s_redirect_is_not_told_either(tmp_path: Path) -> None:
    """Of a plain recipient, and of one that a rule had redirected already; two of them, told apart."""
    later = Behaviour(rcpt=dict.fromkeys((SECRET, "plain@lab.example.org"), "451 4.2.0 later"))
    with NextHop() as hop, NextHop(later) as lab, NextHop(Behaviour(rcpt=QUOTES)) as refusing:
        routes = {"inside": route_to(hop.port), "lab": route_to(lab.port), "refusing": route_to(refusing.port)}
        config = settings(routes, domains={"lab.example.org": "lab", "example.org": "inside", "example.net": "inside"})
        async with delivering(config, tmp_path) as hub:
            keep = _redirected(config, rcpt("one@example.org"), also=("plain@lab.example.org",))
            mail_id = await _kept(hub, keep)
            await hub.until_attempts(mail_id, 1, key=2)
            for key, target in ((2, SECRET), (1, "other@lab.example.org")):
                change = Redirect(mail_id, hub.clock(), "anna", key, rcpt(target), "refusing")
                assert hub.store.apply([change]) == [None]
            hub.delivery.wake()
            moved = [State.REDIRECTED] * 3
            await hub.until_state(mail_id, *moved, State.FAILED, State.FAILED)
            await eventually(lambda: b"".join(got.content for got in hop.mails).count(b"Action: failed") == 2, "both are reported")
    told = b"".join(got.content for got in hop.mails)
    assert b"secret" not in told
    assert b"other@" not in told
    named = [line for got in hop.mails for line in _told(got.content) if line.startswith(b"Final-Recipient")]
    assert sorted(named) == [b"Final-Recipient: rfc822; one@example.org", b"Final-Recipient: rfc822; plain@lab.example.org"]


async def test_one_target_of_many_gets_one_copy(tmp_path: Path) -> None:
    with NextHop() as hop, NextHop() as lab:
        config = _config(hop.port, lab.port)
        async with delivering(config, tmp_path) as hub:
            recipients = [rcpt(f"r{number}@example.org") for number in range(3)]
            mail_id = await _kept(hub, _redirected(config, *recipients, also=(SECRET,)))
            await hub.until_state(mail_id, *[State.REDIRECTED, State.DELIVERED] * 3, State.DELIVERED)
            assert {entry.remote_id for entry in hub.store.entries(mail_id) if entry.state is State.DELIVERED} == {"ABC123"}
    assert [got.recipients for got in lab.mails] == [[SECRET]]


async def test_one_target_of_many_stands_once_in_a_maildir_s_file(tmp_path: Path) -> None:
    config = settings({"drop": Route(maildir=tmp_path / "drop")}, domains={"lab.example.org": "drop"})
    async with delivering(config, tmp_path / "store") as hub:
        mail_id = await _kept(hub, _redirected(config, rcpt("one@example.org"), rcpt("two@example.org")))
        await hub.until_state(mail_id, *[State.REDIRECTED, State.DELIVERED] * 2)
    (file,) = (tmp_path / "drop" / "new").iterdir()
    assert file.read_bytes().count(b"Delivered-To: ") == 1


@pytest.mark.parametrize(
    ("first", "second", "packed"),
    [
        ((), (), ()),
        ((Notify.NEVER,), (Notify.NEVER,), (Notify.NEVER,)),
        ((Notify.NEVER,), (), (Notify.FAILURE, Notify.DELAY)),
        ((Notify.SUCCESS,), (), (Notify.SUCCESS, Notify.FAILURE, Notify.DELAY)),
        ((Notify.SUCCESS,), (Notify.NEVER,), (Notify.SUCCESS,)),
    ],
)
def test_one_copy_asks_for_the_reports_of_all(
    first: tuple[Notify, ...], second: tuple[Notify, ...], packed: tuple[Notify, ...]
) -> None:
    config = _config(25, 26)
    to = [rcpt("b@example.org", *first), rcpt("b@example.org", *second, orcpt="rfc822;b@example.org")]
    keep = make_keep(config, to, 0.0)
    ((edits, entries),) = groups(keep.entries())
    (recipient,) = pack(keep.stored(), b"\r\n", entries, edits).recipients
    assert (recipient.notify, recipient.orcpt) == (frozenset(packed), "rfc822;b@example.org")


async def test_a_target_whose_original_is_lost_is_not_named(tmp_path: Path) -> None:
    with NextHop() as hop, NextHop(Behaviour(rcpt=QUOTES)) as lab:
        config = _config(hop.port, lab.port)
        keep = _redirected(config, rcpt("one@example.org"))
        async with delivering(config, tmp_path) as hub:
            mail_id = await _kept(hub, Keep(keep.mail, keep.facts, keep.ruleset, keep.recipients[1:]))
            await hub.until_state(mail_id, State.HELD)
            assert hub.reports() == []
