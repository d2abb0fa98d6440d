"""`screener trace`: by any id, the whole story."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from fakes.filled_hop import Hop

Screener = Callable[..., Result]


@pytest.mark.parametrize("which", ["{id}", "{low}", "{low}@mail.example", "<{low}@mail.example>", "4F{id}", "REMOTE77"])
def test_any_id_leads_to_the_mail(hop: Hop, screener: Screener, which: str) -> None:
    result = screener("trace", which.format(id=hop.two, low=hop.two.lower()))
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Mail {hop.two}\n")


def test_the_whole_story(hop: Hop, screener: Screener) -> None:
    screener("hold", "release", hop.two, "--by", "Ivan", "--note", "asked by phone")
    told = screener("trace", hop.two).stdout
    assert f"from relay.example.net [192.0.2.7] helo relay at inbound through 192.0.2.5 (its id 4F{hop.two})" in told
    assert "  sender      alice@mail.example\n" in told
    assert "  Message-ID  " in told
    assert "bob@example.org: queued for 1 s, route local, 0 attempts, next now" in told
    assert "carol@example.com: delivered 20" in told
    assert "next hop 127.0.0.1:2526, its id REMOTE77, last reply: 250 2.0.0 Ok" in told
    assert "also matched: words (rules/30-words.yaml:9), would drop" in told
    history = told[told.index("History") :].splitlines()[1:]
    assert len(history) >= 3
    assert history == sorted(history)
    assert "received" in history[0]
    assert any("delivered carol@example.com" in line for line in history)
    assert history[-1].endswith("released bob@example.org by Ivan: asked by phone")


def test_the_json_line_of_a_mail(hop: Hop, screener: Screener) -> None:
    (line,) = screener("trace", "--json", hop.two).stdout.splitlines()
    told = json.loads(line)
    assert told["client"]["front_id"] == f"4F{hop.two}"
    assert [(one["recipient"], one["state"]) for one in told["recipients"]] == [
        ("bob@example.org", "held"),
        ("carol@example.com", "delivered"),
    ]
    assert told["recipients"][1]["remote_id"] == "REMOTE77"
    delivered = [one for one in told["events"] if one["kind"] == "delivered"]
    assert [one["recipient"] for one in delivered] == ["carol@example.com"]
    assert set(told) == {
        *("id", "received", "client", "sender", "subject", "message_id", "from", "size", "ruleset", "defects", "attachments"),
        *("report_for", "recipients", "events"),
    }


def test_an_unknown_id(hop: Hop, screener: Screener) -> None:
    result = screener("trace", "--json", "nothing")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the front relay's queue id" in result.stderr
