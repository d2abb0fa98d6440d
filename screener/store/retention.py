"""What ends by age or by being too much: held mail, dropped mail, history. Queued mail never does.

Held mail ends by age alone; dropped mail also by octets, oldest first; both ends are events of the mail. History is deleted with
all that belongs to it, once nothing of a mail is queued, held or dropped any more and its last change is old enough. `look` finds
what is due, and may take its time on a connection of its own; `expire` ends it in one short transaction of the caller's.
"""

from itertools import islice

from screener.frozen import dataclass
from screener.store.connection import Connection, Row, as_float, as_int
from screener.store.queries import Expired, Retention
from screener.store.reading import octets
from screener.store.records import EventKind, State
from screener.store.rows import EVENT_COLUMNS
from screener.store.writing import LIVE, forget_bodies, insert

Named = tuple[int, int]  # a recipient: number of the mail's row, key

_YOUNG_IN_A_ROW = 1_000  # mails lie in order of time, but for clocks that jumped: so many young ones end the search for old ones

_ENDED = f"NOT EXISTS (SELECT 1 FROM recipient r WHERE r.mail = mail.number AND r.state IN {LIVE})"
_CHANGED = "(SELECT max(changed) FROM recipient r WHERE r.mail = mail.number)"


@dataclass(frozen=True, slots=True)
class DueToEnd:
    """What `look` found, at most `limit` of each."""

    held: tuple[Named, ...]
    dropped: tuple[Named, ...]
    too_much: tuple[Named, ...]
    history: tuple[int, ...]
    more: bool


def look(connection: Connection, now: float, retention: Retention, limit: int) -> DueToEnd:
    """Find what is due to end; raises DatabaseError."""
    held = _too_old(connection, State.HELD, now - retention.hold.seconds, limit)
    dropped = _too_old(connection, State.DROPPED, now - retention.dropped.seconds, limit)
    too_much = () if dropped else _too_much(connection, retention.dropped.octets, limit)
    history = _old_history(connection, now - retention.history.seconds, limit)
    if not history:
        history = _much_history(connection, retention.history.octets, limit)
    return DueToEnd(
        held=held,
        dropped=dropped,
        too_much=too_much,
        history=history,
        more=limit in (len(held), len(dropped), len(too_much), len(history)),
    )


def expire(connection: Connection, now: float, due: DueToEnd, unneeded: list[str]) -> Expired:
    """End it, but for what has changed since; raises DatabaseError."""
    held = _discard(connection, State.HELD, due.held, now, "held for too long", unneeded)
    dropped = _discard(connection, State.DROPPED, due.dropped, now, "kept aside for long enough", unneeded)
    dropped += _discard(connection, State.DROPPED, due.too_much, now, "more dropped mail than its quota", unneeded)
    connection.executemany(f"DELETE FROM mail WHERE number = ? AND {_ENDED}", [(number,) for number in due.history])
    return Expired(held, dropped, len(due.history), due.more)


def _too_old(connection: Connection, state: State, before: float, limit: int) -> tuple[Named, ...]:
    """What has lain in a place since before then."""
    return _named(
        connection.execute(
            f"SELECT mail, key FROM recipient WHERE state = '{state.value}' AND changed < ? ORDER BY mail, key LIMIT ?",
            (before, limit),
        ).fetchall()
    )


def _too_much(connection: Connection, quota: int, limit: int) -> tuple[Named, ...]:
    """The oldest dropped mail beyond the quota, whole mails while the limit allows."""
    excess = octets(connection, State.DROPPED) - quota
    if excess <= 0:
        return ()
    rows = connection.execute(
        "SELECT r.mail, r.key, m.size FROM recipient r CROSS JOIN mail m ON m.number = r.mail "
        "WHERE r.state = 'dropped' ORDER BY r.mail, r.key LIMIT ?",
        (limit,),
    ).fetchall()
    last = None
    for at, (mail, _key, size) in enumerate(rows):
        if mail != last:
            if excess <= 0:
                return _named(rows[:at])
            excess -= as_int(size)
            last = mail
    return _named(rows)


def _old_history(connection: Connection, before: float, limit: int) -> tuple[int, ...]:
    """Mails whose last change was before then and of which nothing is needed."""
    found: list[int] = []
    young = 0
    rows = connection.execute(f"SELECT number, received, {_ENDED}, {_CHANGED} FROM mail ORDER BY number")
    for number, received, ended, changed in rows:
        if as_float(received) >= before:
            young += 1
        else:
            young = 0
            if ended and as_float(changed) < before:
                found.append(as_int(number))
        if len(found) >= limit or young >= _YOUNG_IN_A_ROW:
            break
    rows.close()
    return tuple(found)


def _much_history(connection: Connection, quota: int, limit: int) -> tuple[int, ...]:
    """The oldest mails of which nothing is needed, as many as make the database's excess over the quota."""
    excess = _history_octets(connection) - quota
    if excess <= 0:
        return ()
    mails = as_int(connection.execute("SELECT count(*) FROM mail").get)
    each = (excess + quota) // max(1, mails)
    rows = connection.execute(f"SELECT number FROM mail WHERE {_ENDED} ORDER BY number")
    found = tuple(as_int(number) for (number,) in islice(rows, min(limit, excess // max(1, each) + 1)))
    rows.close()
    return found


def _history_octets(connection: Connection) -> int:
    """Octets of the database that are in use and not contents."""
    pages, free, size = (as_int(connection.pragma(name)) for name in ("page_count", "freelist_count", "page_size"))
    contents = connection.execute(
        "SELECT ifnull(sum(size), 0) FROM mail WHERE body_file = 0 AND number IN "
        "(SELECT mail FROM recipient WHERE state = 'queued' UNION SELECT mail FROM recipient WHERE state = 'held' "
        "UNION SELECT mail FROM recipient WHERE state = 'dropped')"
    ).get
    return (pages - free) * size - as_int(contents)


def _discard(connection: Connection, state: State, due: tuple[Named, ...], now: float, why: str, unneeded: list[str]) -> int:
    """How many were still there and are discarded now."""
    ended: list[Row] = []
    for mail, key in due:
        connection.execute(
            "UPDATE recipient SET state = 'discarded', changed = ? WHERE mail = ? AND key = ? AND state = ?",
            (now, mail, key, state.value),
        )
        if connection.changes():
            ended.append((mail, now, key, EventKind.EXPIRED.value, "", why))
    insert(connection, "event", EVENT_COLUMNS, ended)
    forget_bodies(connection, sorted({as_int(row[0]) for row in ended}), unneeded)
    return len(ended)


def _named(rows: list[Row]) -> tuple[Named, ...]:
    return tuple((as_int(row[0]), as_int(row[1])) for row in rows)
