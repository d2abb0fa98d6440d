"""A real hop whose store has no room, has lost its database, or cannot be made; and whose log cannot."""

from pathlib import Path

import pytest
from fakes.mails import mail
from fakes.service import Settings, hop
from fakes.waiting import until

from screener.store.records import State

RULES = {"10-hold.yaml": "rules:\n  - name: all\n    when: {subject: {words: [held]}}\n    then: hold\n"}
BIG = mail("held", "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 6_000)  # some 430 KB


def test_hold_is_full_over_a_restart_and_takes_mail_again_after_a_release(tmp_path: Path) -> None:
    with hop(tmp_path, settings={"store": {"hold": {"size": "1 MiB"}}}, rules=RULES) as it:
        it.start()
        first, second, third = (it.send(BIG) for _ in range(3))
        assert [first.code, second.code, third.code] == [250, 250, 452]
        assert not it.healthy()
        it.stop()
        it.start()
        assert it.send(BIG).code == 452
        assert it.send(mail("other")).code == 250
        it.command("hold", "release", "--yes", first.id)
        until(lambda: it.send(BIG).code == 250, "what was released makes room")
        assert len(it.entries(State.HELD)) == 2


def test_no_start_beside_contents_without_their_database(tmp_path: Path) -> None:
    with hop(tmp_path, rules=RULES) as it:
        it.start()
        assert it.send(BIG).code == 250
        it.stop()
        database = tmp_path / "store" / "mail.db"
        aside = database.rename(tmp_path / "mail.db")
        for truncated in (False, True):
            if truncated:
                database.touch()
            assert it.start_in_vain() == 1
            assert "screener store recover" in it.log()
            assert "Traceback" not in it.log()
        aside.rename(database)
        it.start()
        (held,) = it.entries(State.HELD)
        with it.store() as store:
            assert store.content(held.mail_id)[:] == BIG
        it.stop()
        database.unlink()
        assert "1 content of mail that could not be saved" in it.command("store", "recover")
        it.start()
        assert it.send(BIG).code == 250


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"log": {"file": "/proc/none/screener.log"}}, "the log cannot be written to /proc/none/screener.log: "),
        ({"store": {"folder": "/proc/none"}}, "the store could not be read or written: /proc/none: "),
    ],
)
def test_what_only_the_start_can_find_out_is_said_in_a_line(tmp_path: Path, settings: Settings, told: str) -> None:
    with hop(tmp_path, settings=settings) as it:
        assert it.start_in_vain() == 1
        assert told in it.log()
        assert "Traceback" not in it.log()
        assert "Errno" not in it.log()
