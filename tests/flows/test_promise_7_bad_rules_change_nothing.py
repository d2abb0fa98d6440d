"""Promise 7: a bad rule file changes nothing; the last good rule set stays, an alarm says so. Without any, mail is deferred."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.mails import mail
from fakes.service import DOMAIN, Hop, hop, running
from fakes.waiting import until

GOOD = """
rules:
  - name: secret-word
    when: {subject: {words: {file: lists/words.txt}}}
    then: {reject: "Not with this word"}
"""
BAD = {
    "no YAML": "rules: [",
    "unknown key": "rules:\n  - name: secret-word\n    wehn: {subject: {words: [x]}}\n    then: hold\n",
    "unknown action": "rules:\n  - name: secret-word\n    when: {subject: {words: [x]}}\n    then: forwrad\n",
    "two of a name": GOOD + GOOD.removeprefix("\nrules:\n"),
    "no list": GOOD.replace("words.txt", "missing.txt"),
    "list outside the folder": GOOD.replace("lists/words.txt", "../../../etc/passwd"),
    "pattern that does not compile": "rules:\n  - name: secret-word\n    when: {subject: {pattern: '('}}\n    then: hold\n",
    "alias": "rules:\n  - &one {name: secret-word, when: {subject: {words: [x]}}, then: hold}\n  - *one\n",
    "not UTF-8": "rules:\n  - name: \udcff\n    then: hold\n",
}


@pytest.fixture
def screened(tmp_path: Path) -> Iterator[Hop]:
    with hop(tmp_path, rules={"10-words.yaml": GOOD, "lists/words.txt": "secret\n"}) as made:
        yield made


def _refuses_the_word(made: Hop) -> bool:
    code = made.send(mail("a secret thing")).code
    assert code in (250, 550)
    return code == 550


@pytest.fixture(scope="module")
def reloading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hop]:
    with running(tmp_path_factory.mktemp("hop"), rules={"10-words.yaml": GOOD, "lists/words.txt": "secret\n"}) as made:
        yield made


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_and_sighup_keep_the_last_good_set(reloading: Hop, bad: str) -> None:
    rules = reloading.folder / "rules" / "10-words.yaml"
    failures = len(reloading.said("reload-failed"))
    rules.write_bytes(BAD[bad].encode("utf-8", "surrogateescape"))
    reloading.hang_up()
    until(lambda: len(reloading.said("reload-failed")) > failures, lambda: f"the alarm is in the log:\n{reloading.log()}")
    assert reloading.metric("screener_rules_last_reload_successful") == 0
    assert _refuses_the_word(reloading)
    assert reloading.send(mail("harmless")).code == 250
    # A person is told the same, with file and line, and nothing changes either.
    said = reloading.command("reload", expect=1)
    assert "10-words.yaml" in said
    assert _refuses_the_word(reloading)
    rules.write_text(GOOD, encoding="utf-8")
    reloading.command("reload")
    assert reloading.metric("screener_rules_last_reload_successful") == 1
    assert _refuses_the_word(reloading)


def test_a_list_that_became_empty_is_refused_without_force(reloading: Hop) -> None:
    words = reloading.folder / "rules" / "lists" / "words.txt"
    words.write_text("# nothing\n", encoding="utf-8")
    assert "words.txt" in reloading.command("reload", expect=1)
    assert _refuses_the_word(reloading)
    reloading.command("reload", "--force")
    assert not _refuses_the_word(reloading)
    words.write_text("secret\n", encoding="utf-8")
    reloading.command("reload")
    assert _refuses_the_word(reloading)


def test_a_good_file_and_sighup_change_it_for_the_screening_processes_too(reloading: Hop) -> None:
    rules = reloading.folder / "rules" / "10-words.yaml"
    reloads = len(reloading.said("reloaded"))
    rules.write_text(
        GOOD + "  - name: zips\n    when: {attachment: {type: [application/zip]}}\n    then: {reject: No zips}\n", encoding="utf-8"
    )
    reloading.hang_up()
    until(lambda: len(reloading.said("reloaded")) > reloads, lambda: f"it is reloaded:\n{reloading.log()}")
    assert reloading.send(mail("zip", attachment=("a.zip", b"PK\x05\x06" + bytes(18)))).code == 550
    rules.write_text(GOOD, encoding="utf-8")
    reloading.command("reload")
    assert reloading.send(mail("zip", attachment=("a.zip", b"PK\x05\x06" + bytes(18)))).code == 250


def test_without_any_rule_set_mail_is_deferred(screened: Hop) -> None:
    rules = screened.folder / "rules" / "10-words.yaml"
    rules.write_text(BAD["unknown key"], encoding="utf-8")
    screened.start()
    with screened.connect() as wire:
        assert wire.hello().code == 250
        answers = wire.send("ben@example.net", [f"anna@{DOMAIN}"], mail("harmless"))
        assert answers[0].text.startswith("451 4.3.0 ")
        assert answers[-1].code != 250
    assert not screened.healthy()
    assert screened.entries() == []
    # As soon as the file is right, mail goes.
    rules.write_text(GOOD, encoding="utf-8")
    screened.hang_up()
    until(lambda: screened.send(mail("harmless")).code == 250, lambda: f"mail is taken:\n{screened.log()}")
    assert _refuses_the_word(screened)
    assert screened.healthy()


def test_a_bad_list_of_recipients_changes_nothing_and_is_measured(tmp_path: Path) -> None:
    domains = {DOMAIN: {"route": "inside", "verify": "list", "recipients": "people.txt"}}
    with hop(tmp_path, settings={"domains": domains}) as made:
        people = made.folder / "people.txt"
        people.write_text(f"anna@{DOMAIN}\n", encoding="utf-8")
        made.start()
        assert made.metric("screener_recipient_list_last_reload_successful", domain=DOMAIN) == 1
        for bad in (f"anna@{DOMAIN}\nno address\n", "", "anna@elsewhere.example\n"):
            people.write_text(bad, encoding="utf-8")
            assert made.send(mail("harmless"), f"anna@{DOMAIN}").code == 250
            assert made.metric("screener_recipient_list_last_reload_successful", domain=DOMAIN) == 0
        people.write_text(f"anna@{DOMAIN}\nbert@{DOMAIN}\n", encoding="utf-8")
        assert made.send(mail("harmless"), f"bert@{DOMAIN}").code == 250
        assert made.metric("screener_recipient_list_last_reload_successful", domain=DOMAIN) == 1


def test_over_a_restart_with_a_bad_file_the_last_good_set_stays(screened: Hop) -> None:
    screened.start()
    assert _refuses_the_word(screened)
    screened.kill()
    (screened.folder / "rules" / "10-words.yaml").write_text(BAD["no YAML"], encoding="utf-8")
    screened.start()
    assert _refuses_the_word(screened)
    assert screened.send(mail("harmless")).code == 250
    assert screened.said("reload-failed")
    assert screened.metric("screener_rules_last_reload_successful") == 0


def test_a_watched_folder_may_be_edited_swapped_and_be_away_for_a_while(tmp_path: Path) -> None:
    rules = {"10-words.yaml": GOOD, "lists/words.txt": "secret\n"}
    with running(tmp_path, settings={"rules": {"folder": "rules", "watch": "true"}}, rules=rules) as made:
        folder = made.folder / "rules"

        def refuses(word: str) -> bool:
            return made.send(mail(f"a {word} thing")).code == 550

        def forbid(word: str) -> None:
            (folder / "lists" / "words.txt").write_text(f"{word}\n", encoding="utf-8")
            until(lambda: refuses(word), lambda: f"{word} is refused:\n{made.log()}")

        forbid("edited")
        shutil.copytree(folder, made.folder / "next")
        (made.folder / "next" / "lists" / "words.txt").write_text("swapped\n", encoding="utf-8")
        folder.rename(made.folder / "before")
        (made.folder / "next").rename(folder)
        until(lambda: refuses("swapped"), lambda: f"the new folder's rules are in force:\n{made.log()}")
        forbid("after")
        folder.rename(made.folder / "away")
        until(lambda: bool(made.said("reload-failed")), made.log)
        assert refuses("after")
        (made.folder / "away").rename(folder)
        forbid("back")
