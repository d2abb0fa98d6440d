"""A long history: how long people wait for an answer, as whole commands and as questions to the store.

A thousand mails go through the store as they do in service; the rest are copies of their rows with ids of their own, which is
how a million of them come to be in half a minute.
"""

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from fakes.certificate import certificate

from bench.aims import Goal, Seen
from bench.machine import Taken
from bench.queued import AT_ONCE, STEP, fill, put, refuse
from bench.results import Part
from bench.systems.hop import command, set_up
from screener.store.folders import DATABASE
from screener.store.queries import SearchFor
from screener.store.records import Outcome, Settle, State
from screener.store.sqlite import SqliteStore

HELD = 10_000
TIMES = 7
_BOUND = 200.0  # milliseconds
_TABLES = ("mail", "recipient", "event")  # a mail's rows; of a delivered mail no content is left


def measure(place: Path, count: int) -> Part:
    """Fill a store and ask it."""
    taken = Taken.now()
    own = place / "history"
    own.mkdir()
    pair = certificate(own, "localhost")
    settings = set_up(own, 2525, 2526, 9725, pair.certificate, pair.key)
    store_folder = own / "store"
    fill(store_folder, _first)
    _multiply(store_folder / DATABASE, count // AT_ONCE)
    fill(store_folder, lambda store: put(store, HELD, time.time(), State.HELD))
    wanted = _middle_of(store_folder / DATABASE)
    seen: list[Seen] = []
    fill(store_folder, lambda store: seen.extend(_questions(store, wanted)))
    commands = {
        f"screener trace ID, of {count:,} mails": ["trace", wanted],
        "screener trace Message-ID": ["trace", f"<{wanted}@example.com>"],
        f"screener hold list, of {HELD:,} held beside them": ["hold", "list"],
    }
    for what, words in commands.items():
        arguments = [str(command()), *words, "--config", str(settings)]
        seen.append(_seen(f"{what}: the whole command", partial(_run, arguments)))
    idle, _, _ = _times(partial(_run, [str(command()), "--help"]))
    told = [
        f"The slowest of {TIMES} times each. The command without any work (`screener --help`) takes {idle:.0f} ms.",
        f"The database has {(store_folder / DATABASE).stat().st_size / 1e6:,.0f} MB.",
    ]
    return Part(taken, f"A store with a history of {count:,} delivered mails and {HELD:,} held ones.", seen, told)


def _first(store: SqliteStore) -> None:
    """The mails that the others are copies of: kept, then delivered."""
    begun = time.time() - 20 * 86400
    put(store, AT_ONCE, begun, State.QUEUED)
    settles = []
    for entry in store.due(time.time(), AT_ONCE):
        remote = entry.mail_id[::-1]
        outcome = Outcome(entry.key, State.DELIVERED, f"250 2.0.0 Ok: queued as {remote}", "mx1.example.org", remote)
        settles.append(Settle(entry.mail_id, entry.received + 1, (outcome,)))
    assert len(settles) == AT_ONCE
    refuse(store.apply(settles))


def _multiply(database: Path, times: int) -> None:
    """So many times as many mails, each with ids of its own: ours grow with time, those of strangers are drawn."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA cache_size = -400000")
        changed = {
            ("mail", "number"): f"number + k * {AT_ONCE}",
            ("mail", "id"): f"printf('0%013d', number + k * {AT_ONCE})",
            ("mail", "received"): f"received + k * {AT_ONCE * STEP}",
            ("mail", "message_id"): f"'<' || printf('0%013d', number + k * {AT_ONCE}) || '@example.com>'",
            ("recipient", "mail"): f"mail + k * {AT_ONCE}",
            ("recipient", "remote_id"): "hex(randomblob(5))",
            ("event", "number"): f"number + k * (SELECT max(number) FROM event WHERE mail <= {AT_ONCE})",
            ("event", "mail"): f"mail + k * {AT_ONCE}",
        }
        copies = "WITH RECURSIVE copies(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM copies WHERE k < ?)"
        for table in _TABLES:
            names = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")]
            of_first = f"(SELECT * FROM {table} WHERE {'number' if table == 'mail' else 'mail'} <= {AT_ONCE})"
            values = ", ".join(changed.get((table, name), name) for name in names)
            connection.execute(
                f"{copies} INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM copies CROSS JOIN {of_first}", (times - 1,)
            )
    connection.close()


def _middle_of(database: Path) -> str:
    """The id of a mail from the middle of the history."""
    with sqlite3.connect(database) as connection:
        (found,) = connection.execute("SELECT id FROM mail WHERE number = (SELECT max(number) / 2 FROM mail)").fetchone()
    connection.close()
    return str(found)


def _questions(store: SqliteStore, wanted: str) -> list[Seen]:
    def trace(any_id: str) -> None:
        (mail_id,) = store.find(any_id)
        assert store.mail(mail_id) and store.entries(mail_id) and store.events(mail_id)

    def hold_list() -> None:
        assert len(store.search(SearchFor(states=(State.HELD,)))) > 0

    return [
        _seen("trace by our id: the store alone", lambda: trace(wanted)),
        _seen("trace by Message-ID: the store alone", lambda: trace(f"<{wanted}@example.com>")),
        _seen("hold list: the store alone", hold_list),
    ]


def _seen(what: str, ask: Callable[[], object]) -> Seen:
    slowest, middle, cpu = _times(ask)
    return Seen(Goal(what, " ms", _BOUND), slowest, f"median {middle:.1f} ms, CPU {cpu:.1f} ms")


def _times(ask: Callable[[], object]) -> tuple[float, float, float]:
    """The slowest, the median, and CPU time on the average, in milliseconds."""
    took = []
    cpu = _cpu()
    for _ in range(TIMES):
        begun = time.perf_counter()
        ask()
        took.append(1000 * (time.perf_counter() - begun))
    return max(took), median(took), 1000 * (_cpu() - cpu) / TIMES


def _cpu() -> float:
    """Seconds of CPU of this process and those it has started."""
    return sum(os.times()[:4])


def _run(arguments: list[str]) -> None:
    # To the end of its output: whether a process has ended Python asks every 50 ms only.
    subprocess.run(arguments, check=True, stdout=subprocess.PIPE, timeout=60)
