"""`screener hold` over a real store: what is listed, what is changed, and what is recorded."""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import Result
from fakes.filled_hop import Hop
from fakes.kept import NOON, kept

from screener.mail.address import Address
from screener.mail.envelope import Recipient
from screener.store.records import EventKind, Outcome, Settle, State

Screener = Callable[..., Result]


def states(hop: Hop, mail_id: str) -> list[State]:
    store = hop.store()
    try:
        return [entry.state for entry in store.entries(mail_id)]
    finally:
        store.close()


def lines(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_held_mail_is_listed_newest_first_with_rule_and_people(hop: Hop, screener: Screener) -> None:
    result = screener("hold", "list")
    assert result.exit_code == 0
    rows = result.stdout.splitlines()
    assert [row.split()[0] for row in rows[1:4]] == [hop.hostile, hop.two, hop.held]
    assert "programs" in rows[3]
    assert "alice@mail.example" in rows[3]
    assert "bob@example.org" in rows[3]
    assert "2 d 2 h" in rows[3]
    assert rows[-1] == "3 recipients"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--sender", "ALICE@"], ["two", "held"]),
        (["--recipient", "carol"], []),
        (["--subject", "second"], ["two"]),
        (["--rule", "programs", "--older", "1 day"], ["held"]),
        (["--newer", "1 day"], ["hostile", "two"]),
        (["--rule", "nothing"], []),
        (["--limit", "1"], ["hostile"]),
        (["--dropped"], ["dropped"]),
        (["--dropped", "--sender", "alice"], []),
    ],
)
def test_searching(hop: Hop, screener: Screener, options: list[str], expected: list[str]) -> None:
    assert [one["id"] for one in lines(screener("hold", "list", "--json", *options))] == [getattr(hop, name) for name in expected]


def test_the_json_line_of_a_recipient_is_stable(hop: Hop, screener: Screener) -> None:
    (one,) = lines(screener("hold", "list", "--json", "--subject", "your invoice"))
    received = one.pop("received")
    assert isinstance(received, str)
    assert received.endswith("Z")
    del one["queued"], one["changed"]
    assert one == {
        "id": hop.held,
        "key": 0,
        "state": "held",
        "sender": "alice@mail.example",
        "recipient": "bob@example.org",
        "subject": "Your invoice",
        "message_id": f"<{hop.held.lower()}@mail.example>",
        "size": len(hop.contents[hop.held]),
        "action": "hold",
        "rule": "programs",
        "source": "rules/20-attachments.yaml:4",
        "evidence": [
            {"condition": "attachment.extension", "text": 'invoice.pdf.exe has extension "exe"', "place": "part 2", "entry": ""}
        ],
        "hits": [
            {"rule": "programs", "source": "rules/20-attachments.yaml:4", "action": "hold", "observed": False, "evidence": []},
            {
                "rule": "words",
                "source": "rules/30-words.yaml:9",
                "action": "drop",
                "observed": False,
                "evidence": [{"condition": "text.words", "text": "nightjar", "place": "part 1", "entry": "lists/words.txt:3"}],
            },
            {"rule": "trial", "source": "rules/40-trial.yaml:1", "action": "reject", "observed": True, "evidence": []},
        ],
        "target": "",
        "route": "",
        "attempts": 0,
        "next_attempt": None,
        "reply": "",
        "next_hop": "",
        "remote_id": "",
        "doubtful": 0,
    }


def test_nothing_hostile_reaches_the_terminal(hop: Hop, screener: Screener) -> None:
    for command in (["list"], ["list", "--json"], ["show", hop.hostile], ["show", hop.hostile, "--json"]):
        out = screener("hold", *command).stdout
        bad = {char for char in out if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}
        assert not bad, (command, bad)
    shown = screener("hold", "show", hop.hostile).stdout
    assert r"\u202egpj.exe[bold] \x1b[31mred\r\n\u200b" in shown
    assert r"\x1b]0;owned\x07 [[red]part[/]]" in shown


def test_show_tells_every_rule_that_matched(hop: Hop, screener: Screener) -> None:
    shown = screener("hold", "show", hop.held).stdout
    assert "bob@example.org: held for 2 d 2 h" in shown
    assert "verdict: hold by rule programs (rules/20-attachments.yaml:4)" in shown
    assert 'attachment.extension: invoice.pdf.exe has extension "exe" [part 2]' in shown
    assert "also matched: words (rules/30-words.yaml:9), would drop" in shown
    assert "text.words: nightjar [part 1, lists/words.txt:3]" in shown
    assert "also matched: trial (rules/40-trial.yaml:1), observed only" in shown


def test_raw_is_octet_for_octet(hop: Hop, screener: Screener) -> None:
    result = screener("hold", "show", "--raw", hop.held)
    assert result.stdout_bytes == b"Received: from relay\r\n" + hop.contents[hop.held]


def test_release_queues_and_records_who_did_it(hop: Hop, screener: Screener) -> None:
    result = screener("hold", "release", hop.held, "--note", "asked by phone")
    assert result.exit_code == 0
    assert result.stdout == f"{hop.held} for bob@example.org: released (rule programs; also matched: words)\n"
    store = hop.store()
    (entry,) = store.entries(hop.held)
    event = store.events(hop.held)[-1]
    store.close()
    assert (entry.state, entry.route) == (State.QUEUED, "local")
    assert (event.kind, event.who, event.detail) == (EventKind.RELEASED, "helen", "asked by phone")


def test_release_leaves_what_is_not_held_as_it_is(hop: Hop, screener: Screener) -> None:
    assert screener("hold", "release", hop.two, "--by", "Ivan").exit_code == 0
    assert states(hop, hop.two) == [State.QUEUED, State.DELIVERED]


def test_release_by_message_id_and_recipient(hop: Hop, screener: Screener) -> None:
    missed = screener("hold", "release", f"<{hop.two.lower()}@mail.example>", "--recipient", "carol")
    assert missed.exit_code == 1
    assert missed.stderr == f"mail {hop.two} has no held recipient like 'carol': carol@example.com is delivered\n"
    assert screener("hold", "release", f"{hop.two.lower()}@mail.example", "--recipient", "bob").exit_code == 0
    assert states(hop, hop.two) == [State.QUEUED, State.DELIVERED]


def test_a_search_is_released_only_with_all_and_a_yes(hop: Hop, screener: Screener) -> None:
    bare = screener("hold", "release", "--sender", "alice")
    assert bare.exit_code == 2
    assert "--all" in bare.stderr
    refused = screener("hold", "release", "--sender", "alice", "--all", answer="n\n")
    assert refused.exit_code == 1
    assert "nothing was changed" in refused.stderr
    assert states(hop, hop.held) == [State.HELD]
    done = screener("hold", "release", "--sender", "alice", "--all", answer="y\n")
    assert done.exit_code == 0
    assert "Release 2 recipients of 2 mails?" in done.stderr
    assert states(hop, hop.held) == [State.QUEUED]
    assert states(hop, hop.two) == [State.QUEUED, State.DELIVERED]
    assert states(hop, hop.hostile) == [State.HELD]
    again = screener("hold", "release", "--sender", "alice", "--all", "--yes")
    assert again.exit_code == 1
    assert again.stderr == "nothing fits this search\n"


def test_without_an_answer_nothing_is_changed(hop: Hop, screener: Screener) -> None:
    assert screener("hold", "discard", "--all").exit_code == 1
    assert states(hop, hop.held) == [State.HELD]


def test_discard_asks_for_an_id_too(hop: Hop, screener: Screener) -> None:
    assert screener("hold", "discard", hop.held, answer="n\n").exit_code == 1
    assert states(hop, hop.held) == [State.HELD]
    assert screener("hold", "discard", hop.held, answer="y\n").exit_code == 0
    assert states(hop, hop.held) == [State.DISCARDED]


def test_ids_and_a_search_together_are_not_understood(hop: Hop, screener: Screener) -> None:
    assert screener("hold", "discard", hop.held, "--sender", "alice").exit_code == 2
    assert screener("hold", "discard", hop.held, "--all").exit_code == 2
    assert screener("hold", "discard").exit_code == 2
    assert states(hop, hop.held) == [State.HELD]


def test_discard_and_its_record(hop: Hop, screener: Screener) -> None:
    assert screener("hold", "discard", "--subject", "your invoice", "--all", "--yes", "--by", "Ivan").exit_code == 0
    assert states(hop, hop.held) == [State.DISCARDED]
    store = hop.store()
    assert store.events(hop.held)[-1].who == "Ivan"
    store.close()
    raw = screener("hold", "show", "--raw", hop.held)
    assert raw.exit_code == 1
    assert hop.held in raw.stderr


def test_dropped_mail_can_be_shown_restored_released_and_discarded(hop: Hop, screener: Screener) -> None:
    assert b"4\r\n" in screener("hold", "show", "--raw", hop.dropped).stdout_bytes
    assert "dropped for" in screener("hold", "show", "--dropped", hop.dropped).stdout
    assert screener("hold", "release", hop.dropped).exit_code == 1
    assert screener("hold", "restore", hop.dropped).stdout == f"{hop.dropped} for bob@example.org: held (rule words)\n"
    assert states(hop, hop.dropped) == [State.HELD]
    assert screener("hold", "restore", hop.dropped).exit_code == 1
    assert screener("hold", "release", hop.dropped).exit_code == 0
    assert states(hop, hop.dropped) == [State.QUEUED]


def test_dropped_mail_is_released_directly(hop: Hop, screener: Screener) -> None:
    assert screener("hold", "release", "--dropped", hop.dropped).exit_code == 0
    assert states(hop, hop.dropped) == [State.QUEUED]


def test_an_unknown_id_says_which_ids_are_known(hop: Hop, screener: Screener) -> None:
    for command in ("show", "release", "discard"):
        result = screener("hold", command, "no\x1bsuch")
        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr.startswith("no mail is known by 'no\\x1bsuch'. Ids can be ours")
        assert "Message-ID" in result.stderr


def test_no_route_releases_nothing(hop: Hop, screener: Screener) -> None:
    hop.config.write_text(hop.config.read_text().replace("  example.org: {route: local}\n", ""))
    result = screener("hold", "release", hop.held)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (
        f"{hop.held} for bob@example.org: stays held: no route leads to the domain example.org. Give it one under `domains` in "
        "screener.yaml, or set `default_route`; restart the service, and release it again\n"
    )
    assert states(hop, hop.held) == [State.HELD]


def test_what_has_a_route_is_released_beside_what_has_none(hop: Hop, screener: Screener) -> None:
    store = hop.store()
    stranger = kept(State.HELD, State.HELD, mail_id="0STRANGER00001")
    elsewhere = Recipient(Address.parse("eve@elsewhere.example"))
    recipients = (stranger.recipients[0], replace(stranger.recipients[1], recipient=elsewhere))
    assert store.apply([replace(stranger, recipients=recipients)]) == [None]
    store.close()
    result = screener("hold", "release", "--all", "--yes")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "0STRANGER00001 for eve@elsewhere.example: stays held: no route leads to the domain elsewhere.ex"
    )
    assert len(result.stderr.splitlines()) == 1
    assert len(result.stdout.splitlines()) == 4
    assert states(hop, "0STRANGER00001") == [State.QUEUED, State.HELD]
    assert states(hop, hop.held) == [State.QUEUED]
    assert states(hop, hop.two) == [State.QUEUED, State.DELIVERED]


def test_what_cannot_be_delivered_is_found_by_that_name(hop: Hop, screener: Screener) -> None:
    stuck = kept(State.QUEUED)
    store = hop.store()
    try:
        outcome = Outcome(0, State.HELD, "550 5.1.1 no such user", "mx1")
        assert store.apply([stuck, Settle(stuck.mail.id, NOON, (outcome,))]) == [None] * 2
    finally:
        store.close()
    assert len(lines(screener("hold", "list", "--json"))) == 4
    assert [one["id"] for one in lines(screener("hold", "list", "--json", "--undeliverable"))] == [stuck.mail.id]
    assert lines(screener("hold", "list", "--json", "--undeliverable", "--dropped")) == []
    assert screener("hold", "release", stuck.mail.id, "--undeliverable").exit_code == 2, "an id, or a search"
    assert screener("hold", "discard", "--undeliverable", "--all", "--yes").exit_code == 0
    assert states(hop, stuck.mail.id) == [State.DISCARDED]
    assert len(lines(screener("hold", "list", "--json"))) == 3
