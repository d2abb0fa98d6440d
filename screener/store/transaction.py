"""How changes become durable: all in one transaction, and where one of them fails, each in a savepoint of its own.

The usual case, in which none fails, pays nothing for the other one. An error of the disk or of the whole database fails all of
them.
"""

from collections.abc import Sequence

from screener.store import people, writing
from screener.store.changes import Change
from screener.store.connection import Connection, DatabaseError, fails_all, translate
from screener.store.records import Keep, Settle

Numbered = tuple[int, Change]  # a change and its place among the caller's results


def transact(connection: Connection, changes: Sequence[Numbered], results: list[Exception | None], unneeded: list[str]) -> None:
    """Make the changes durable; errors go to `results`, bodies that nobody needs any more to `unneeded`. Does not raise."""
    if not changes:
        return
    freed: list[str] = []
    try:
        roll_back(connection)  # of a transaction that could not be ended when its disk failed
        connection.execute("BEGIN IMMEDIATE")
        try:
            _make([change for _, change in changes], connection, freed)
        except Exception as error:
            if fails_all(error) or len(changes) == 1:
                raise
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            freed.clear()
            _make_each(changes, connection, results, freed)
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 — whatever it was, each who waits must hear of it, and the next ones have their try
        for at, _ in changes:
            results[at] = translate(error)
        roll_back(connection)
    else:
        unneeded += freed


def roll_back(connection: Connection) -> None:
    """End a transaction that failed. SQLite may have ended it by itself; one that cannot be ended is left to the next one."""
    if connection.in_transaction:
        try:
            connection.execute("ROLLBACK")
        except DatabaseError:
            return


def _make(changes: Sequence[Change], connection: Connection, freed: list[str]) -> None:
    keeps: list[Keep] = []
    settles: list[Settle] = []
    others: list[Change] = []
    for change in changes:
        if isinstance(change, Keep):
            keeps.append(change)
        elif isinstance(change, Settle):
            settles.append(change)
        else:
            others.append(change)
    if keeps:
        writing.keep_all(connection, keeps)
    if settles:
        writing.settle_all(connection, settles, freed)
    for change in others:
        people.change(connection, change, freed)


def _make_each(changes: Sequence[Numbered], connection: Connection, results: list[Exception | None], freed: list[str]) -> None:
    order = {Keep: 0, Settle: 1}
    for at, change in sorted(changes, key=lambda numbered: order.get(type(numbered[1]), 2)):
        mine: list[str] = []
        connection.execute("SAVEPOINT one")
        try:
            _make([change], connection, mine)
        except Exception as error:
            if fails_all(error):
                raise
            connection.execute("ROLLBACK TO one")
            results[at] = translate(error)
        else:
            freed += mine
        connection.execute("RELEASE one")
