"""`screener check`, `screener rules`, `screener reload` on files as an admin leaves them."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from fakes.filled_hop import Hop

from screener.config.file import load
from screener.control import Answer, Control, Request
from screener.policy.source import Source
from screener.rulekeeper import LAST_GOOD
from screener.store.sqlite import SqliteStore

Screener = Callable[..., Result]

REPOSITORY = Path(__file__).parents[2]

GOOD = """\
rules:
  - name: programs
    about: Nobody mails us programs.
    when: {attachment: {extension: [exe]}}
    then: hold
  - name: to-the-desk
    when: {recipient: {address: sales@example.org}}
    then: {redirect: desk@example.org}
  - name: trial
    mode: observe
    when: {subject: {words: {file: lists/words.txt}}}
    then: {reject: "No"}
  - name: stamp
    when: {sender: {null: true}}
    also: {add_header: {X-Report: "yes"}}
"""


@pytest.fixture
def rules(hop: Hop) -> Hop:
    (hop.folder / "rules" / "lists").mkdir()
    (hop.folder / "rules" / "lists" / "words.txt").write_text("# words\nnightjar\nproject heron\n")
    (hop.folder / "rules" / "10-all.yaml").write_text(GOOD)
    return hop


def test_good_files_pass(rules: Hop, screener: Screener) -> None:
    result = screener("check")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].startswith("0 errors, ")
    assert "; 4 rules, rule set " in result.stdout


def test_every_error_is_told_at_once_with_its_place(rules: Hop, screener: Screener) -> None:
    (rules.folder / "rules" / "20-bad.yaml").write_text(
        "rules:\n  - name: one\n    wehn: {}\n    then: hold\n"
        "  - name: two\n    when: {subject: {words: {file: lists/none.txt}}}\n    then: hodl\n"
    )
    result = screener("check")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith("rules/20-bad.yaml:3:5: ") and "'when'" in line for line in lines)
    assert any(line.startswith("rules/20-bad.yaml:6:") and "none.txt" in line for line in lines)
    assert any(line.startswith("rules/20-bad.yaml:7:") and "'hold'" in line for line in lines)
    assert "errors" in result.stderr
    shapes = [json.loads(line) for line in screener("check", "--json").stdout.splitlines()]
    assert {"path": "rules/20-bad.yaml", "line": 3, "column": 5, "severity": "error"}.items() <= shapes[0].items()


def test_errors_of_settings_and_rules_come_together(rules: Hop, screener: Screener) -> None:
    rules.config.write_text(rules.config.read_text() + "stopp: 3 s\nrules: {folder: rules}\n")
    (rules.folder / "rules" / "20-bad.yaml").write_text("rules:\n  - name: one\n    then: hodl\n")
    result = screener("check")
    assert result.exit_code == 1
    assert "screener.yaml:9:1: " in result.stdout
    assert "rules/20-bad.yaml:3:" in result.stdout


def test_a_list_of_recipients_is_checked_too(rules: Hop, screener: Screener) -> None:
    (rules.folder / "people.txt").write_text("anna@example.org\nno address\n")
    settings = rules.config.read_text().replace("{route: local}", "{route: local, verify: list, recipients: people.txt}")
    rules.config.write_text(settings)
    result = screener("check")
    assert result.exit_code == 1
    assert "people.txt:2:" in result.stdout


def test_a_list_of_recipients_without_its_domain_is_warned_of(rules: Hop, screener: Screener) -> None:
    (rules.folder / "people.txt").write_text("anna@elsewhere.example\n")
    settings = rules.config.read_text().replace("{route: local}", "{route: local, verify: list, recipients: people.txt}")
    rules.config.write_text(settings)
    result = screener("check")
    assert result.exit_code == 0
    expected = f"{rules.folder}/people.txt:1:1: warning: has no address of example.org: everybody there is refused with 550 5.1.1"
    assert expected in result.stdout.splitlines()
    (rules.folder / "people.txt").write_text("anna@example.org\n")
    assert "people.txt" not in screener("check").stdout


def test_a_missing_default_route_is_warned_of_where_mail_goes_to_next_hops(rules: Hop, screener: Screener) -> None:
    warning = (
        "screener.yaml:1:1: warning: `default_route` is not set: failed mail and delays cannot be reported to senders of other "
        "domains, and that failed mail waits in hold: name the route that leads to them"
    )
    assert warning in screener("check").stdout.splitlines()
    settings = rules.config.read_text()
    rules.config.write_text(settings + "default_route: exchange\n")
    assert "default_route" not in screener("check").stdout
    rules.config.write_text(settings.replace("  example.com: {route: exchange}\n", ""))
    assert "default_route" not in screener("check").stdout  # a Maildir takes everything


def test_the_sample_is_clean(tmp_path: Path, screener: Screener) -> None:
    shutil.copy(REPOSITORY / "screener.yaml", tmp_path)
    shutil.copytree(REPOSITORY / "rules", tmp_path / "rules")
    result = screener("check")
    assert result.stdout.startswith("0 errors, 0 warnings; "), result.stdout


def test_settings_that_would_be_waited_for(rules: Hop, screener: Screener) -> None:
    rules.config.unlink()
    os.mkfifo(rules.config)
    result = screener("check")
    assert result.exit_code == 1
    assert result.stdout.startswith("screener.yaml:1:1: cannot be read: is no regular file\n")


def test_warnings_alone_are_no_failure(rules: Hop, screener: Screener) -> None:
    (rules.folder / "rules" / "lists" / "words.txt").write_text("# nothing yet\n")
    result = screener("check")
    assert result.exit_code == 0
    assert "warning: " in result.stdout
    assert "words.txt is empty" in result.stdout


def test_a_listener_of_a_rule_is_held_against_the_settings(rules: Hop, screener: Screener) -> None:
    (rules.folder / "rules" / "20-listeners.yaml").write_text(
        "rules:\n  - name: one\n    when: {listener: [Inbound, inbuond]}\n    then: hold\n"
    )
    result = screener("check")
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if "listener" in line] == [
        "rules/20-listeners.yaml:3:32: warning: no listener is named 'inbuond', did you mean 'inbound'?"
    ]


def test_one_error_is_one_error(rules: Hop, screener: Screener) -> None:
    (rules.folder / "rules" / "20-bad.yaml").write_text("rules:\n  - name: one\n    then: hodl\n")
    assert screener("check").stderr == "1 error, 1 warning\n"  # of the settings


def test_no_rules_folder(hop: Hop, screener: Screener) -> None:
    (hop.folder / "rules").rmdir()
    assert screener("check").exit_code == 1
    assert "the rules folder cannot be read" in screener("rules").stderr


def test_rules_are_shown_in_their_order(rules: Hop, screener: Screener) -> None:
    (rules.folder / "rules" / "00-first.yaml").write_text("rules:\n  - name: first\n    enabled: false\n    then: forward\n")
    rows = screener("rules").stdout.splitlines()
    assert [row.split()[:2] for row in rows[1:6]] == [
        ["1", "first"],
        ["2", "programs"],
        ["3", "to-the-desk"],
        ["4", "trial"],
        ["5", "stamp"],
    ]
    assert "off" in rows[1]
    assert rows[2].split(maxsplit=4)[2:] == ["hold", "rules/10-all.yaml:2", "Nobody mails us programs."]
    assert "redirect to desk@example.org" in rows[3]
    assert "observe" in rows[4]
    assert "adds" in rows[5]
    assert "rules/lists/words.txt 2" in rows[6]
    shapes = [json.loads(line) for line in screener("rules", "--json").stdout.splitlines()]
    assert [(one["number"], one["rule"], one["action"], one["observe"]) for one in shapes] == [
        (1, "first", "forward", False),
        (2, "programs", "hold", False),
        (3, "to-the-desk", "redirect", False),
        (4, "trial", "reject", True),
        (5, "stamp", None, False),
    ]


def test_the_rules_in_force_are_those_the_service_kept(rules: Hop, screener: Screener) -> None:
    missing = screener("rules", "--in-force")
    assert missing.exit_code == 1
    assert missing.stderr.startswith("no rule set is in force: the service has taken none yet")
    assert screener("rules").stdout.splitlines()[-1].startswith("rule set ")
    kept = rules.folder / "var" / "store" / LAST_GOOD
    source = Source.read(rules.folder / "rules", "rules")
    kept.write_bytes(source.to_json())
    assert screener("rules").stdout.splitlines()[-1].startswith(f"rule set {source.hash}; ")
    assert screener("rules", "--in-force").stdout == screener("rules").stdout

    (rules.folder / "rules" / "00-first.yaml").write_text(
        "rules:\n  - name: first\n    when: {listener: inbound}\n    then: hold\n"
    )
    on_disk = screener("rules").stdout
    assert on_disk.splitlines()[-1] == (
        f"not in force: the service has rule set {source.hash} (see it with `screener rules --in-force`); "
        "`screener reload` puts this one in force"
    )
    assert "first" in on_disk
    in_force = screener("rules", "--in-force").stdout
    assert "first" not in in_force
    assert in_force.splitlines()[-1].startswith(f"rule set {source.hash}; entries in lists: rules/lists/words.txt 2")
    assert len(screener("rules", "--in-force", "--json").stdout.splitlines()) == 4

    (rules.folder / "rules" / "00-first.yaml").write_text("half edited")
    assert screener("rules").exit_code == 1
    assert screener("rules", "--in-force").stdout == in_force
    (rules.folder / "rules" / "00-first.yaml").unlink()
    kept.write_bytes(b"[]")
    assert screener("rules").stdout.splitlines()[-1].startswith("the rule set in force cannot be read: ")
    assert screener("rules", "--in-force").exit_code == 1


def test_reload_without_a_service_checks_and_says_so(rules: Hop, screener: Screener) -> None:
    result = screener("reload")
    assert result.exit_code == 1
    assert "the service does not run; the rules are good (4, rule set " in result.stderr
    (rules.folder / "rules" / "20-bad.yaml").write_text("rules:\n  - name: one\n    then: hodl\n")
    result = screener("reload")
    assert result.exit_code == 1
    assert "rules/20-bad.yaml:3:" in result.stderr
    assert "the service does not run" in result.stderr


def test_reload_tells_a_service_without_a_socket_from_none(rules: Hop, screener: Screener) -> None:
    serving = SqliteStore.open(rules.folder / "var" / "store", serving=True)
    try:
        result = screener("reload")
    finally:
        serving.close()
    assert result.exit_code == 1
    assert f"the service runs (process {os.getpid()}), but cannot be asked: its socket " in result.stderr
    assert "control.sock is gone" in result.stderr
    assert "does not run" not in result.stderr
    (rules.folder / "var" / "store" / "running").write_text("1\n")  # as a killed service leaves it
    assert "the service does not run; the rules are good" in screener("reload").stderr


@pytest.mark.parametrize("force", [True, False])
async def test_reload_asks_the_running_service(rules: Hop, screener: Screener, force: bool) -> None:
    asked: list[Request] = []

    async def reload(request: Request) -> Answer:
        asked.append(request)
        return Answer(request.force, ("changed  programs", "lists/\x1b[2Jwords.txt has become empty"))

    control = Control(rules.folder / "var" / "control.sock", {"reload": reload})
    await control.start()
    result = await asyncio.to_thread(screener, "reload", *(["--force"] if force else []))
    await control.stop()
    assert asked == [Request("reload", force, load(rules.config).fingerprint)]
    assert result.exit_code == (0 if force else 1)
    assert result.stdout == "changed  programs\nlists/\\x1b[2Jwords.txt has become empty\n"
