"""What people change: release, discard, restore, try now, redirect, give up, pause a route. Each is recorded with the name.

Runs inside a transaction of the caller's (`sqlite`). Every change first looks at the states it starts from and refuses, in words,
what leads nowhere; so the table of what may follow what stands here and nowhere else.
"""

from collections.abc import Iterable
from typing import assert_never

from screener.store.changes import (
    Change,
    Discard,
    Flush,
    GiveUp,
    Note,
    PauseRoute,
    Redirect,
    Release,
    Requeue,
    Restore,
    ResumeRoute,
)
from screener.store.connection import Connection, as_int, as_text
from screener.store.errors import StoreRefused, UnknownMail, WrongState
from screener.store.records import EventKind, Keep, NewRecipient, Settle, State
from screener.store.rows import EVENT_COLUMNS, RECIPIENT_COLUMNS, recipient_row, verdict_of, whole
from screener.store.writing import forget_bodies, insert, keep_all, mail_number, report_row

_KEPT = (State.HELD, State.DROPPED)
_LIVE = (State.QUEUED, State.HELD, State.DROPPED)


def change(connection: Connection, wanted: Change, unneeded: list[str]) -> None:
    """Make one change; raises StoreRefused and DatabaseError. `unneeded` as in `writing`."""
    match wanted:
        case Release():
            _release(connection, wanted)
        case Discard():
            _discard(connection, wanted, unneeded)
        case Restore():
            number, _ = _standing(connection, wanted.mail_id, wanted.keys, (State.DROPPED,), "restored")
            _move(connection, number, wanted.keys, State.HELD, wanted.at)
            _record(connection, number, wanted.keys, wanted.at, EventKind.RESTORED, wanted.who, "")
        case Requeue():
            number, _ = _standing(connection, wanted.mail_id, wanted.keys, (State.QUEUED,), "tried now")
            connection.executemany(
                "UPDATE recipient SET next_attempt = ? WHERE mail = ? AND key = ?",
                [(wanted.at, number, key) for key in wanted.keys],
            )
            _record(connection, number, wanted.keys, wanted.at, EventKind.REQUEUED, wanted.who, "")
        case Flush():
            _flush(connection, wanted)
        case Redirect():
            _redirect(connection, wanted)
        case GiveUp():
            _give_up(connection, wanted, unneeded)
        case Note():
            number = mail_number(connection, wanted.mail_id)
            keys = () if wanted.key is None else (wanted.key,)
            _record(connection, number, keys, wanted.at, wanted.kind, wanted.who, wanted.detail)
        case PauseRoute():
            _route_event(connection, wanted.route, wanted.at, EventKind.PAUSED, wanted.who, wanted.note)
        case ResumeRoute():
            _route_event(connection, wanted.route, wanted.at, EventKind.RESUMED, wanted.who, "")
        case Keep() | Settle():
            raise StoreRefused("a mail and an attempt are written together with others, not here")
        case _:
            assert_never(wanted)


def _release(connection: Connection, wanted: Release) -> None:
    keys = tuple(key for key, _ in wanted.routes)
    number, before = _standing(connection, wanted.mail_id, keys, _KEPT, "released")
    # Attempts start anew: the retry schedule and the time to give up count from the release.
    connection.executemany(
        "UPDATE recipient SET state = 'queued', route = ?, queued = ?, next_attempt = ?, attempts = 0, delay_noticed = 0, "
        "changed = ? WHERE mail = ? AND key = ?",
        [(route, wanted.at, wanted.at, wanted.at, number, key) for key, route in wanted.routes],
    )
    for key in keys:
        detail = wanted.note if before[key] is State.HELD else ", ".join(filter(None, ("was dropped", wanted.note)))
        _record(connection, number, (key,), wanted.at, EventKind.RELEASED, wanted.who, detail)


def _discard(connection: Connection, wanted: Discard, unneeded: list[str]) -> None:
    if not wanted.who:
        raise StoreRefused("mail is discarded by a named person only: who?")
    number, before = _standing(connection, wanted.mail_id, wanted.keys, _LIVE, "discarded")
    _move(connection, number, wanted.keys, State.DISCARDED, wanted.at)
    for key in wanted.keys:
        detail = ", ".join(filter(None, (f"was {before[key]}", wanted.note)))
        _record(connection, number, (key,), wanted.at, EventKind.DISCARDED, wanted.who, detail)
    forget_bodies(connection, [number], unneeded)


def _flush(connection: Connection, wanted: Flush) -> None:
    later = connection.execute(
        "SELECT mail, key FROM recipient WHERE state = 'queued' AND next_attempt > ?1 AND (?2 = '' OR route = ?2) "
        "AND (attempts = 0 OR changed < ?3 OR changed > ?1) ORDER BY queued, mail, key LIMIT ?4",
        (wanted.at, wanted.route, wanted.at if wanted.tried_before is None else wanted.tried_before, wanted.limit),
    ).fetchall()
    connection.executemany(
        "UPDATE recipient SET next_attempt = ? WHERE mail = ? AND key = ?", [(wanted.at, mail, key) for mail, key in later]
    )
    if wanted.who:
        rows = [(mail, wanted.at, key, EventKind.REQUEUED.value, whole(wanted.who), "flush") for mail, key in later]
        insert(connection, "event", EVENT_COLUMNS, rows)


def _redirect(connection: Connection, wanted: Redirect) -> None:
    number, before = _standing(connection, wanted.mail_id, (wanted.key,), _LIVE, "redirected")
    verdict, last_key = connection.execute(
        "SELECT verdict, (SELECT max(key) FROM recipient WHERE mail = ?1) FROM recipient WHERE mail = ?1 AND key = ?2",
        (number, wanted.key),
    ).fetchall()[0]
    new_key = as_int(last_key) + 1
    _move(connection, number, (wanted.key,), State.REDIRECTED, wanted.at)
    target = NewRecipient(wanted.target, State.QUEUED, verdict_of(as_text(verdict)), wanted.route, wanted.at)
    insert(connection, "recipient", RECIPIENT_COLUMNS, [recipient_row(target, number, new_key, wanted.at)])
    detail = f"was {before[wanted.key]}, now to {wanted.target.address} (recipient {new_key})"
    _record(connection, number, (wanted.key,), wanted.at, EventKind.REDIRECTED, wanted.who, detail)


def _give_up(connection: Connection, wanted: GiveUp, unneeded: list[str]) -> None:
    number, _ = _standing(connection, wanted.mail_id, wanted.keys, (State.QUEUED,), "given up")
    _move(connection, number, wanted.keys, State.FAILED, wanted.at)
    _record(connection, number, wanted.keys, wanted.at, EventKind.GIVEN_UP, wanted.who, "")
    insert(connection, "event", EVENT_COLUMNS, [report_row(number, wanted.at, report) for report in wanted.reports])
    if wanted.reports:
        keep_all(connection, wanted.reports)
    forget_bodies(connection, [number], unneeded)


def _standing(
    connection: Connection, mail_id: str, keys: tuple[int, ...], expected: tuple[State, ...], done: str
) -> tuple[int, dict[int, State]]:
    """The number of the mail and the states of these recipients; raises UnknownMail, WrongState."""
    number = mail_number(connection, mail_id)
    states = {
        as_int(key): State(as_text(state))
        for key, state in connection.execute("SELECT key, state FROM recipient WHERE mail = ?", (number,)).fetchall()
    }
    if not keys:
        raise StoreRefused(f"no recipient of mail {mail_id} was named to be {done}")
    for key in keys:
        if key not in states:
            raise UnknownMail(f"mail {mail_id} has no recipient {key}")
        if states[key] not in expected:
            raise WrongState(
                f"recipient {key} of mail {mail_id} is {states[key]} and cannot be {done}: expected {' or '.join(expected)}"
            )
    return number, states


def _move(connection: Connection, number: int, keys: Iterable[int], to: State, at: float) -> None:
    connection.executemany(
        "UPDATE recipient SET state = ?, next_attempt = NULL, changed = ? WHERE mail = ? AND key = ?",
        [(to.value, at, number, key) for key in keys],
    )


def _record(connection: Connection, number: int, keys: tuple[int, ...], at: float, kind: EventKind, who: str, detail: str) -> None:
    """One event for each recipient; for the whole mail when no key is given."""
    rows = [(number, at, key, kind.value, whole(who), whole(detail)) for key in keys or (None,)]
    insert(connection, "event", EVENT_COLUMNS, rows)


def _route_event(connection: Connection, route: str, at: float, kind: EventKind, who: str, note: str) -> None:
    connection.execute(
        "INSERT INTO route_event (route, at, kind, who, note) VALUES (?, ?, ?, ?, ?)",
        (route, at, kind.value, whole(who), whole(note)),
    )
