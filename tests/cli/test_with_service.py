"""The command line beside a running hop: the demonstration, and changes that take effect at once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import corpus
from fakes.namespace import free_port
from fakes.service import Hop, running
from fakes.waiting import until

from screener.store.records import State

SCREENER = Path(sys.executable).with_name("screener")
SHIPPED = Path(__file__).resolve().parents[2] / "rules"


def shipped() -> dict[str, str]:
    """The rules an admin starts from, and their lists."""
    files = [*SHIPPED.glob("*.yaml"), *SHIPPED.glob("lists/*.txt")]
    return {str(path.relative_to(SHIPPED)): path.read_text(encoding="utf-8") for path in files}


@pytest.fixture
def hop(tmp_path: Path) -> Iterator[Hop]:
    """A hop with the shipped rules."""
    with running(tmp_path, rules=shipped()) as hop:
        yield hop


def test_the_demonstration_shows_every_fate_and_why(hop: Hop) -> None:
    said = hop.command("demo")
    parts = {part.splitlines()[0][3:]: part for part in said.strip().split("\n\n")}
    assert len(parts) == 6
    assert f"anna@example.org: delivered to {hop.folder}/delivered; verdict: forward" in parts["A clean message"]
    assert "refused at RCPT: 550 5.7.1 " in parts["A sender on the list"]
    renamed = parts["A program renamed to .pdf"]
    assert "anna@example.org: held; verdict: hold by rule programs-by-content (rules/20-attachments.yaml:" in renamed
    assert "invoice.pdf is application/x-dosexec [part 2, lists/program-types.txt:" in renamed
    hidden = parts["A word hidden in a base64 HTML part"]
    assert "held; verdict: hold by rule words" in hidden
    assert "lists/words.txt:" in hidden
    (oversized,) = (part for title, part in parts.items() if title.startswith("An oversized message"))
    assert "refused at MAIL: 552 5.3.4 " in oversized
    mixed = parts["An allowed and a forbidden recipient"]
    assert "to anna@example.org: delivered" in mixed
    assert "to somebody@elsewhere.example: refused at RCPT: 550 5.7.1 " in mixed
    assert len(hop.entries(State.DELIVERED)) == 2
    assert len(hop.entries(State.HELD)) == 2


def test_the_demonstration_without_the_store_tells_the_replies(hop: Hop, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "screener.yaml").write_bytes(hop.settings_file.read_bytes())
    command = [str(SCREENER), "demo", "--to", f"127.0.0.1:{hop.port}"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=elsewhere, check=False)
    assert result.returncode == 0
    assert "to anna@example.org: 250 2.0.0 Ok: queued as " in result.stdout
    assert "cannot be read from here: there is no store in" in result.stderr


def test_released_mail_goes_out_at_once_and_can_be_traced(hop: Hop) -> None:
    hop.command("demo")
    held = [json.loads(line) for line in hop.command("hold", "list", "--json", "--rule", "words").splitlines()]
    (one,) = held
    released = hop.command("hold", "release", one["id"], "--by", "helen")
    assert "released (rule words)" in released
    until(lambda: not hop.entries(State.QUEUED), "the released mail is delivered")
    told = hop.command("trace", one["message_id"])
    assert "released anna@example.org by helen" in told
    assert "delivered anna@example.org: " in told.splitlines()[-1]
    (delivered,) = [json.loads(line) for line in hop.command("trace", "--json", one["id"]).splitlines()]
    assert delivered["recipients"][0]["state"] == "delivered"


def test_a_paused_route_keeps_its_mail_until_it_is_resumed(hop: Hop) -> None:
    hop.command("route", "pause", "inside", "--by", "helen", "--note", "new disks")
    hop.command("demo")
    assert len(hop.entries(State.QUEUED)) == 2
    assert "paused" in hop.command("queue", "list")
    hop.command("route", "resume", "inside")
    until(lambda: not hop.entries(State.QUEUED), "the mail is delivered")


def test_a_reload_says_that_settings_take_a_restart(hop: Hop) -> None:
    assert "restart" not in hop.command("reload")
    settings = hop.settings_file.read_text()
    hop.settings_file.write_text(settings + "\n# a word\n")
    assert "restart" not in hop.command("reload")
    settings = settings.replace("hop.example.net", "other.example.net")
    hop.settings_file.write_text(settings)
    assert "they hold after a restart" in hop.command("reload")


def test_the_store_is_checked_and_copied_while_the_hop_runs(hop: Hop) -> None:
    hop.command("demo")
    assert hop.command("store", "check") == "sound; 4 mails, 4 recipients\n"
    hop.command("store", "backup", "copy")
    assert (hop.folder / "copy").is_dir()


def test_files_get_the_verdict_that_the_same_mail_gets_over_smtp(hop: Hop) -> None:
    sample = list(corpus.specimens())[::15]
    envelope = ("--from", "ben@example.net", "--to", "anna@example.org", "--client", "127.0.0.1")
    said = hop.command("screen", "--json", *envelope, *(str(corpus.FOLDER / one.path) for one in sample))
    differing = []
    for specimen, line in zip(sample, said.splitlines(), strict=True):
        (foretold,) = json.loads(line)["recipients"]
        answer = hop.send(specimen.wire())
        if answer.code == 250:
            verdict = hop.entries(mail_id=answer.id)[0].verdict
            became = (verdict.action.value, verdict.rule)
        else:
            became = ("reject", foretold["rule"]) if answer.code > 500 else (str(answer), "")
        if (foretold["action"], foretold["rule"]) != became:
            differing.append((specimen.path, foretold, became))
    assert not differing


def test_no_hop_no_demonstration(tmp_path: Path, hop: Hop) -> None:
    missing = f"127.0.0.1:{free_port()}"
    command = [str(SCREENER), "demo", "--to", missing, "--config", str(hop.settings_file)]
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"no hop answers at {missing} (Connection refused)")


def test_a_second_service_on_the_same_settings_says_why_it_cannot_run(hop: Hop) -> None:
    command = [str(SCREENER), "run", "--config", str(hop.settings_file)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert "another service runs on the store" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_rules_in_force_and_why_a_redirect_without_a_route_is_held(tmp_path: Path) -> None:
    away = "rules: [{name: away, when: {recipient: {address: anna@example.org}}, then: {redirect: a@nowhere.example}}]\n"
    with running(tmp_path, rules={"10.yaml": away}) as hop:
        hop.send(b"Subject: x\r\n\r\nx\r\n")
        assert "away: no route leads to the domain of a@nowhere.example" in hop.command("hold", "list")
        in_force = hop.command("rules", "--in-force")
        (next(hop.folder.rglob("10.yaml"))).write_text(away.replace("away", "gone"))
        assert hop.command("rules", "--in-force") == in_force
        assert hop.command("rules").splitlines()[-1].startswith("not in force: the service has rule set ")
