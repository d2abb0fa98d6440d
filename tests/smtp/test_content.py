"""Content on the wire: sizes, loops, files, what the intake answers."""

import pytest
from fakes.listener import listening
from fakes.wire import Lost, Wire

from screener.mail.reply import Reply
from screener.smtp import mail_data
from screener.smtp.receiving import SPOOL_AT

TOO_BIG = "552 5.3.4 The message is bigger than this host takes"


def _begun(wire: Wire) -> None:
    wire.command("MAIL FROM:<a@example.net>")
    wire.command("RCPT TO:<b@example.org>")
    assert wire.command("DATA").code == 354


@pytest.mark.parametrize("size", [999, 1000, 1001])
def test_the_size_limit_counts_octets_of_content(size: int) -> None:
    content = b"." + b"x" * (size - 3) + b"\r\n"
    with listening({"limits": {"message_size": 1000}}) as there, there.client() as wire:
        answer = wire.send("a@example.net", ["b@example.org"], content)[-1]
        assert answer.text == (TOO_BIG if size > 1000 else "250 2.0.0 Ok: queued as ID1")
        assert wire.command("NOOP").code == 250
        assert len(there.intake.mails) == (size <= 1000)


def test_normalising_does_not_get_round_the_limit() -> None:
    with listening({"limits": {"message_size": 1000}}) as there, there.client() as wire:
        _begun(wire)
        wire.write(b"\n" * 600 + b"\r\n.\r\n")
        assert wire.answer().text == TOO_BIG


def test_who_never_ends_is_cut_with_552() -> None:
    with listening({"limits": {"message_size": "1 MiB"}}, drain=2_000_000) as there, there.client() as wire:
        _begun(wire)
        wire.write(b"x" * 3_200_000)
        assert wire.answer().text == TOO_BIG
        with pytest.raises(Lost):
            wire.answer()
        assert there.intake.bodies[0].abandoned
        assert there.metrics.counted["refusal", "size"] == 1


@pytest.mark.parametrize("size", [SPOOL_AT - 1, SPOOL_AT, SPOOL_AT + 1])
def test_a_content_beyond_spool_at_lies_in_a_file(size: int) -> None:
    content = (b"y" * 70 + b"\r\n") * (size // 72)
    content += b"z" * (size - len(content) - 2) + b"\r\n"
    with listening() as there, there.client() as wire:
        assert wire.send("a@example.net", ["b@example.org"], content)[-1].code == 250
        got = there.intake.mails[0].content
        assert got.size == size
        assert bytes(got.octets) == content
        assert bool(got.path) == (size > SPOOL_AT)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        (b"Received: from x by y; z\r\n" * 50, False),
        (b"Received: from x by y; z\r\n" * 51, True),
        (b"RECEIVED : from x\r\n\tby y; z\r\n" * 51, True),
        (b"Received: from x by hop.example.net with ESMTP; z\r\n" * 2, False),
        (b"Received: from x\r\n\tby\r\n HOP.example.net (Screener); z\r\n" * 3, True),
        (b"Received: from hop.example.net by z; d\r\n" * 3, False),
        (b"Received: from x by hop.example.net.evil; d\r\n" * 3, False),
        (b"Received: from x by not-hop.example.net; d\r\n" * 3, False),
        (b"X-Received: by hop.example.net\r\n" * 60, False),
        (b"\r\n" + b"Received: from x by hop.example.net; z\r\n" * 60, False),
    ],
)
def test_loops(fields: bytes, refused: bool, big: bool) -> None:
    content = fields + b"Subject: x\r\n\r\ntext\r\n" + (b"x" * 70 + b"\r\n") * (5000 if big else 0)
    with listening() as there, there.client() as wire:
        answer = wire.send("a@example.net", ["b@example.org"], content)[-1]
        if refused:
            assert answer.text == "554 5.4.6 Too many hops: the message goes in a circle"
            assert there.metrics.counted["refusal", "loop"] == 1
            assert all(body.abandoned and not body.path.exists() for body in there.intake.bodies)
        else:
            assert answer.code == 250
        assert wire.send("a@example.net", ["b@example.org"], b"x\r\n")[-1].code == 250


@pytest.mark.parametrize(
    ("reply", "abandoned"),
    [
        (Reply(451, "4.3.0", "later"), True),
        (Reply(452, "4.3.1", "full"), True),
        (Reply(550, "5.7.1", "no"), False),
        (Reply(250, "2.0.0", "Ok: queued as X"), False),
    ],
)
def test_the_intakes_answer_is_given_and_its_file_is_left_unless_it_kept_nothing(reply: Reply, abandoned: bool) -> None:
    with listening() as there, there.client() as wire:
        there.intake.answer = lambda _mail: reply
        assert wire.send("a@example.net", ["b@example.org"], b"x\r\n" * 100_000)[-1].text == str(reply)
        assert there.intake.bodies[0].abandoned is abandoned
        assert wire.command("NOOP").code == 250


def test_not_ready_is_said_at_mail() -> None:
    with listening() as there, there.client() as wire:
        there.intake.not_ready = Reply(452, "4.3.1", "Not enough room")
        assert wire.command("MAIL FROM:<>").text == "452 4.3.1 Not enough room"
        there.intake.not_ready = None
        assert wire.command("MAIL FROM:<>").code == 250


def test_nul_and_eight_bit_octets_stay() -> None:
    content = b"Subject: \xff\x00\r\n\r\n" + bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n"
    with listening() as there, there.client() as wire:
        assert wire.send("a@example.net", ["b@example.org"], content)[-1].code == 250
        assert there.intake.mails[0].content.octets == content
        assert there.intake.mails[0].content.defects == {"nul"}


def test_a_reply_never_breaks_the_line() -> None:
    with listening() as there, there.client() as wire:
        there.intake.answer = lambda _mail: Reply(550, "5.7.1", "one\r250 injected\ntwo \u2028 \xff\x00")
        answer = wire.send("a@example.net", ["b@example.org"], b"x\r\n")[-1]
        assert answer.lines == ("5.7.1 one?250 injected", "5.7.1 two ? ??")
        assert wire.command("NOOP").code == 250


def test_doubled_dots_do_not_count() -> None:
    """A wire much longer than its content is no reason to stop reading before the end."""
    content = b".\r\n" * 30_000
    with listening({"limits": {"message_size": 100_000}}, drain=1000) as there, there.client() as wire:
        assert wire.send("a@example.net", ["b@example.org"], content)[-1].code == 250
        assert there.intake.mails[0].content.octets == content


def test_trouble_at_the_end_of_the_data_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_content: bytes, _hostname: str) -> tuple[int, int]:
        raise ValueError("broken")

    with listening() as there, there.client() as wire:
        monkeypatch.setattr(mail_data, "signs_of_loop", broken)
        answer = wire.send("a@example.net", ["b@example.org"], b"x\r\n" * 100_000)[-1]
        assert answer.text == "451 4.3.0 Trouble at this host; try again later"
        assert there.intake.bodies[0].abandoned
        assert wire.command("MAIL FROM:<>").code == 250
