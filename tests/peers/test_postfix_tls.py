"""TLS on both sides of the hop, with a real Postfix before and behind it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes.certificate import Certificate, certificate
from fakes.mails import mail
from fakes.service import Hop, running
from fakes.waiting import until
from fakes.wire import Wire
from peers import postfix
from peers.postfix import Postfix

from screener.store.records import State


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory, needs: Callable[..., None]) -> Certificate:
    """The next hop's certificate; readable for Postfix' own user."""
    needs(*postfix.COMMANDS, "openssl")
    return certificate(tmp_path_factory.mktemp("theirs"), "localhost")


@pytest.fixture(scope="module")
def last(theirs: Certificate) -> Iterator[Postfix]:
    """A next hop that takes mail over TLS only."""
    settings = {
        "smtpd_tls_security_level": "encrypt",
        "smtpd_tls_cert_file": str(theirs.certificate),
        "smtpd_tls_key_file": str(theirs.key),
        "smtpd_tls_received_header": "yes",
    }
    with postfix.next_hop(settings=settings) as made:
        yield made


@contextmanager
def _hop(folder: Path, last: Postfix, route: dict[str, str], listener: Certificate | None = None) -> Iterator[Hop]:
    settings: dict[str, object] = {"routes": {"inside": {"next_hops": [f"localhost:{last.port}"], **route}}}
    with running(folder, settings=settings, listener_tls=listener) as made:
        yield made


@pytest.mark.parametrize("tls", ["opportunistic", "required", "verified"])
def test_the_next_hop_gets_it_encrypted(tmp_path: Path, last: Postfix, theirs: Certificate, tls: str) -> None:
    trusted = {"ca_file": str(theirs.certificate)} if tls == "verified" else {}
    with _hop(tmp_path, last, {"tls": tls, **trusted}) as hop:
        assert hop.send(mail(f"encrypted {tls}")).code == 250
        wanted = f"Subject: encrypted {tls}\r\n".encode()
        until(lambda: any(wanted in got for got in last.received()), lambda: f"it arrives:\n{hop.log()}\n{last.log()}")
    (got,) = (got for got in last.received() if wanted in got)
    assert b"using TLSv1." in got.partition(b"by exchange.example.net")[0]


@pytest.mark.parametrize("route", [{"tls": "none"}, {"tls": "verified"}], ids=["in-clear", "not-trusted"])
def test_what_may_not_go_like_this_waits(tmp_path: Path, last: Postfix, route: dict[str, str]) -> None:
    with _hop(tmp_path, last, route) as hop:
        before = len(last.received())
        answer = hop.send(mail("waits"))
        assert answer.code == 250
        until(lambda: bool(hop.said("deferred")), lambda: f"it is put off:\n{hop.log()}")
        assert [entry.state for entry in hop.entries(mail_id=answer.id)] == [State.QUEUED]
        assert len(last.received()) == before


def test_the_front_relay_hands_over_encrypted(tmp_path: Path, last: Postfix, needs: Callable[..., None]) -> None:
    ours = certificate(tmp_path, "hop.example.net")
    with (
        _hop(tmp_path / "hop", last, {"tls": "required"}, ours) as hop,
        postfix.front_relay(hop.port, settings={"smtp_tls_security_level": "encrypt"}) as front,
    ):
        with Wire(front.port) as wire:
            wire.hello()
            assert wire.send("ben@example.net", ["anna@example.org"], mail("all the way"))[-1].code == 250
        until(lambda: any(b"Subject: all the way\r\n" in got for got in last.received()), lambda: f"{front.log()}\n{hop.log()}")
    (got,) = (got for got in last.received() if b"Subject: all the way\r\n" in got)
    ours_on_top = got.partition(b"by hop.example.net")[0].rpartition(b"Received: ")[2]
    assert ours_on_top.startswith(b"from front.example.net ([127.0.0.1])\r\n\t(using TLSv1.")
    assert b"by hop.example.net with ESMTPS id " in got
