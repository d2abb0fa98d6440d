"""The rules in force: a bad file changes nothing, over a restart neither."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import Mock

import pytest
from fakes.disk import losing_power

from screener import rulekeeper
from screener.config.budgets import ScreeningSettings
from screener.config.keeping import StoreSettings
from screener.config.models import Config, Domain, Listener, Route, RulesSettings
from screener.intake import Intake
from screener.metrics.figures import Metrics
from screener.rulekeeper import LAST_GOOD, RuleKeeper
from screener.screeners.process import Process
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer

LISTED = """
rules:
  - name: listed
    about: Words of a list.
    when: {body: {words: {file: lists/words.txt}}}
    then: hold
"""
REDIRECTS = """
rules:
  - name: redirects
    about: To a domain without a route.
    when: {body: {words: [lark]}}
    then: {redirect: desk@nowhere.example}
"""


@dataclass
class Kept:
    """A rule keeper and what it serves."""

    keeper: RuleKeeper
    intake: Intake
    metrics: Metrics

    def hash(self) -> str:
        return self.intake.rules.ruleset.hash if self.intake.rules else ""

    def sample(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(name)


@asynccontextmanager
async def keeper(folder: Path) -> AsyncIterator[Kept]:
    config = Config(
        hostname="hop.example.org",
        listeners=(Listener(name="inbound", port=0),),
        domains={"example.org": Domain(route="exchange")},
        routes={"exchange": Route(maildir=folder / "delivered")},
        rules=RulesSettings(folder=folder / "rules"),
        screening=ScreeningSettings(processes=1),
        store=StoreSettings(folder=folder / "store"),
    )
    metrics = Metrics()
    store = SqliteStore.open(config.store.folder, serving=True, reserve=0)
    writer = Writer(store, announce=asyncio.get_running_loop().call_soon_threadsafe)
    intake = Intake(config, writer, store.bodies, metrics, offer=lambda _: None)
    keeping = RuleKeeper(config, intake, metrics)
    await keeping.reload()
    try:
        yield Kept(keeping, intake, metrics)
    finally:
        await keeping.stop()
        await asyncio.to_thread(writer.close)
        store.close()


def write(folder: Path, rules: str = LISTED, words: str = "nightjar\nlark\n") -> None:
    (folder / "rules" / "lists").mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "10-test.yaml").write_text(rules)
    (folder / "rules" / "lists" / "words.txt").write_text(words)


async def test_good_rules_take_over_and_the_answer_says_what_changes(tmp_path: Path) -> None:
    write(tmp_path)
    async with keeper(tmp_path) as it:
        before = it.hash()
        write(tmp_path, LISTED.replace("then: hold", "then: drop"), "nightjar\n")
        reloaded = await it.keeper.reload()
        assert reloaded.done
        assert any(line.startswith("changed") and "listed" in line for line in reloaded.lines)
        assert any("lists/words.txt" in line for line in reloaded.lines)
        assert before != it.hash() != ""


async def test_a_start_loads_and_what_comes_later_reloads(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    write(tmp_path)
    async with keeper(tmp_path) as it:
        assert [record.message for record in caplog.records] == ["loaded"]
        await it.keeper.reload()
        write(tmp_path, words="nightjar\n")
        await it.keeper.reload()
    async with keeper(tmp_path):
        assert [record.message for record in caplog.records] == ["loaded", "reloaded", "reloaded", "loaded"]


async def test_a_bad_file_changes_nothing_and_a_good_one_recovers(tmp_path: Path) -> None:
    write(tmp_path)
    async with keeper(tmp_path) as it:
        before = it.hash()
        write(tmp_path, LISTED.replace("then", "den"))
        reloaded = await it.keeper.reload()
        assert not reloaded.done
        assert any("rules/10-test.yaml:6" in line and "'den'" in line for line in reloaded.lines)
        assert it.hash() == before
        assert it.sample("screener_rules_last_reload_successful") == 0
        write(tmp_path)
        assert (await it.keeper.reload()).done
        assert it.sample("screener_rules_last_reload_successful") == 1


async def test_a_list_that_became_empty_is_refused_unless_forced(tmp_path: Path) -> None:
    write(tmp_path)
    async with keeper(tmp_path) as it:
        before = it.hash()
        write(tmp_path, words="# nothing\n")
        reloaded = await it.keeper.reload()
        assert not reloaded.done
        assert any("lists/words.txt has become empty" in line for line in reloaded.lines)
        assert it.hash() == before
        assert (await it.keeper.reload(force=True)).done
        assert it.hash() != before


async def test_after_a_restart_with_bad_rules_the_last_good_ones_are_in_force(tmp_path: Path) -> None:
    write(tmp_path)
    async with keeper(tmp_path) as it:
        before = it.hash()
    write(tmp_path, "rules: [")
    async with keeper(tmp_path) as it:
        assert it.hash() == before
        assert it.sample("screener_rules_last_reload_successful") == 0
        assert it.sample("screener_rules") == 1


async def test_a_restart_compiles_rules_that_are_the_same_once_and_starts_processes_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, started = Mock(wraps=rulekeeper.compile_rules), Mock(wraps=Process.start)
    monkeypatch.setattr(rulekeeper, "compile_rules", compiled)
    monkeypatch.setattr(Process, "start", started)
    write(tmp_path)
    async with keeper(tmp_path):
        assert (compiled.call_count, started.call_count) == (1, 1)
    async with keeper(tmp_path) as it:
        assert (compiled.call_count, started.call_count) == (2, 2)
        before = it.hash()
    write(tmp_path, words="nightjar\n")
    async with keeper(tmp_path) as it:
        assert it.hash() != before
        assert (compiled.call_count, started.call_count) == (4, 3), "the last good ones tell what became empty"


async def test_a_restart_does_not_take_a_list_that_became_empty(tmp_path: Path) -> None:
    write(tmp_path)
    async with keeper(tmp_path) as it:
        before = it.hash()
        write(tmp_path, words="")
        assert not (await it.keeper.reload()).done
    async with keeper(tmp_path) as it:
        assert it.hash() == before
        assert it.keeper.is_behind
        assert (await it.keeper.reload(force=True)).done
        forced = it.hash()
        assert forced != before
    async with keeper(tmp_path) as it:
        assert it.hash() == forced
        assert not it.keeper.is_behind


async def test_the_same_complaints_are_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path)
    async with keeper(tmp_path) as it:
        write(tmp_path, "rules: [")
        for _ in range(3):
            await it.keeper.reload()
        assert [record.message for record in caplog.records].count("reload-failed") == 1
        write(tmp_path)
        await it.keeper.reload()
        write(tmp_path, "rules: [")
        await it.keeper.reload()
        assert [record.message for record in caplog.records].count("reload-failed") == 2


async def test_an_expired_rule_is_warned_of(tmp_path: Path) -> None:
    write(tmp_path)
    async with keeper(tmp_path) as it:
        write(tmp_path, LISTED.replace("then: hold", "then: hold\n    expires: 2020-01-01"))
        assert any("expired" in line for line in (await it.keeper.reload()).lines)


async def test_without_any_good_rules_none_are_in_force(tmp_path: Path) -> None:
    write(tmp_path, "rules: [")
    async with keeper(tmp_path) as it:
        assert it.intake.rules is None
        assert str(it.intake.ready()).startswith("451 ")


async def test_the_last_good_rules_are_kept_again_where_a_full_disk_did_not_take_them(tmp_path: Path) -> None:
    write(tmp_path)
    async with keeper(tmp_path) as it:
        (tmp_path / "store" / LAST_GOOD).write_bytes(b"those before")
        assert "nothing has changed" in (await it.keeper.reload()).lines[-1]
    write(tmp_path, "rules: [")
    async with keeper(tmp_path) as it:
        assert it.intake.rules is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a disk needs root")
async def test_the_last_good_rules_outlast_a_power_cut(tmp_path: Path) -> None:
    write(tmp_path)
    with losing_power(tmp_path / "losing") as disk:
        (tmp_path / "store").symlink_to(disk.folder)
        async with keeper(tmp_path):
            after = disk.cut(tmp_path / "after")
        kept = (after / LAST_GOOD).exists()
        disk.forget(after)
    assert kept


async def test_a_damaged_last_good_file_is_not_trusted(tmp_path: Path) -> None:
    write(tmp_path, "rules: [")
    async with keeper(tmp_path):
        pass  # the store is made
    (tmp_path / "store" / LAST_GOOD).write_bytes(b'{"shown": "rules", "files": [["rules/1.yaml", "no base64"]]}')
    async with keeper(tmp_path) as it:
        assert it.intake.rules is None


async def test_a_redirect_without_a_route_is_said(tmp_path: Path) -> None:
    write(tmp_path)
    async with keeper(tmp_path) as it:
        write(tmp_path, REDIRECTS)
        reloaded = await it.keeper.reload()
        assert any("nowhere.example" in line for line in reloaded.lines)
