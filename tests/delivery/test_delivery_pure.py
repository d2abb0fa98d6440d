"""The schedule, the routes and the Maildir."""

from pathlib import Path

import pytest
from fakes.couriers import parcel
from fakes.delivering import route_to, settings

from screener.config.models import Retry
from screener.delivery import maildir
from screener.delivery.exchange import remote_id
from screener.delivery.retry import GiveUp, Later, after_deferral
from screener.delivery.routes import route_for
from screener.delivery.wire import read_reply
from screener.mail.address import NULL_SENDER, Address

RETRY = Retry()
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def test_the_whole_life_of_a_mail_that_nobody_takes() -> None:
    now, attempts, noticed, times, notices = 0.0, 0, False, [], []
    while True:
        after = after_deferral(RETRY, now, queued=0.0, attempts=attempts, delay_noticed=noticed)
        if isinstance(after, GiveUp):
            break
        if after.notice:
            noticed = True
            notices.append(now)
        attempts += 1
        now = after.next_attempt
        times.append(now / MINUTE)
    assert times[:6] == [15, 45, 105, 345, 585, 720]
    assert times[-1] == 2 * DAY / MINUTE
    assert notices == [12 * HOUR]


def test_time_counts_from_when_it_was_queued() -> None:
    """Mail released after a week in hold does not expire at its first deferral."""
    week = 7 * DAY
    assert after_deferral(RETRY, week + 1, queued=week, attempts=0, delay_noticed=False) == Later(
        week + 1 + 15 * MINUTE, notice=False
    )
    assert after_deferral(RETRY, week + 1, queued=0.0, attempts=0, delay_noticed=False) == GiveUp()


@pytest.mark.parametrize(
    ("address", "route"),
    [
        ("a@example.org", "exact"),
        ("a@sub.example.org", "below"),
        ("a@deep.sub.example.org", "below"),
        ("a@other.example", "default"),
        ("a@[192.0.2.1]", "default"),
        ("a@EXAMPLE.ORG", "exact"),
    ],
)
def test_routes_by_domain(address: str, route: str) -> None:
    config = settings(
        {"exact": route_to(25), "below": route_to(26), "default": route_to(27)},
        domains={"example.org": "exact", ".example.org": "below"},
        default_route="default",
    )
    assert route_for(config, Address.parse(address)) == route


def test_addresses_without_a_domain_are_ours() -> None:
    config = settings({"a": route_to(25)}, domains={"screener.example.org": "a"})
    assert route_for(config, NULL_SENDER) == "a"
    assert route_for(config, Address.parse("a@nowhere.example")) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ok: queued as 4F1B2C3D", "4F1B2C3D"),
        ("<x@y> [InternalId=21474836481, Hostname=EX01.example.org] 4721 bytes in 0.1 Queued mail for delivery", "21474836481"),
        ("OK id=1abcde-000000-00", "1abcde-000000-00"),
        ("u8AB1234 Message accepted for delivery", "u8AB1234"),
        ("ok 1700000000 qp 1234", ""),
        ("Thanks", ""),
    ],
)
def test_the_next_hops_own_id(text: str, found: str) -> None:
    assert remote_id(text) == found


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        ([b"250 2.1.0 Ok"], (250, "2.1.0", "Ok")),
        ([b"250-2.0.0 one", b"250 2.0.0 two"], (250, "2.0.0", "one\ntwo")),
        ([b"250"], (250, "", "")),
        ([b"550 no \x1b[31m \xff"], (550, "", "no ?[31m ?")),
        ([b"550 5.1.1"], (550, "5.1.1", "")),
        ([b"550 9.9.9 x"], (550, "", "9.9.9 x")),
    ],
)
def test_replies_are_read_as_printable_text(lines: list[bytes], reply: tuple[int, str, str]) -> None:
    read = read_reply(tuple(lines))
    assert (read.code, read.enhanced, read.text) == reply


def test_a_repeated_delivery_into_a_maildir_leaves_one_file(tmp_path: Path) -> None:
    name = maildir.deliver(tmp_path, parcel(["b@example.org"]))
    assert maildir.deliver(tmp_path, parcel(["b@example.org"])) == name
    other = maildir.deliver(tmp_path, parcel(["c@example.org"]))
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == sorted([name, other])
    assert list((tmp_path / "tmp").iterdir()) == []
