"""What the service writes: mail that is kept, attempts that are settled. Many at once, in as few statements as can be.

Each step of a statement gives Python's lock away and must win it back from the event loop, so rows go in by the dozen: that is
worth more than the statements' own time. Runs inside a transaction of the caller's (`sqlite`); an error means that nothing of
this call may stay. `unneeded` collects ids of mails whose body file nobody needs any more once the transaction is committed.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import assert_never

from screener.store.connection import Connection, Row, Value, as_int, as_text
from screener.store.errors import StoreRefused, UnknownMail
from screener.store.records import EventKind, Keep, Outcome, Settle, State
from screener.store.rows import EVENT_COLUMNS, MAIL_COLUMNS, RECIPIENT_COLUMNS, mail_row, recipient_row, whole

MAIL_ID = re.compile(r"[0-9A-Za-z]{1,40}")  # it becomes a file's name: nothing that means anything to a file system

_CHUNKS = (64, 32, *range(16, 0, -1))  # rows a statement: what comes together mostly goes in one, and each is prepared once
LIVE = "('queued', 'held', 'dropped')"
_OUTCOME_COLUMNS = 10


def keep_all(connection: Connection, keeps: Sequence[Keep]) -> None:
    """Write mails, their recipients and what history begins with; raises StoreRefused and DatabaseError."""
    number = next_number(connection)
    mails: list[Row] = []
    bodies: list[Row] = []
    recipients: list[Row] = []
    events: list[Row] = []
    for keep in keeps:
        mail = keep.mail
        if MAIL_ID.fullmatch(mail.id) is None:
            raise StoreRefused(f"{mail.id!r} is no id of a mail: expected 1 to 40 letters and digits")
        if not keep.recipients:
            raise StoreRefused(f"mail {mail.id} has no recipient: nothing can be kept for nobody")
        in_file = bool(mail.content.path)
        needed = keep.needs_content
        mails.append(mail_row(keep, number, in_file and needed))
        if needed and not in_file:
            bodies.append((number, bytes(mail.content.octets)))  # of bytes: no copy
        recipients.extend([recipient_row(new, number, key, mail.received) for key, new in enumerate(keep.recipients)])
        events.append((number, mail.received, None, EventKind.RECEIVED.value, "", _places(keep)))
        number += 1
    insert(connection, "mail", MAIL_COLUMNS, mails)
    insert(connection, "body", "mail, octets", bodies)
    insert(connection, "recipient", RECIPIENT_COLUMNS, recipients)
    insert(connection, "event", EVENT_COLUMNS, events)


def settle_all(connection: Connection, settles: Sequence[Settle], unneeded: list[str]) -> None:
    """Write what attempts did; raises StoreRefused and DatabaseError.

    No recipient may occur twice: two settles of one recipient must come in two calls.
    """
    found = _standing(connection, [(settle.mail_id, outcome.key) for settle in settles for outcome in settle.outcomes])
    updates: list[Row] = []
    events: list[Row] = []
    ended: set[int] = set()
    ended_in_files: set[int] = set()
    for settle in settles:
        number: int | None = None
        for outcome in settle.outcomes:
            there = found.get((settle.mail_id, outcome.key))
            if there is None:
                raise UnknownMail(f"there is no recipient {outcome.key} of a mail {settle.mail_id}")
            number, state, in_file = there
            counts = state is State.QUEUED or (outcome.state is State.DELIVERED and state is not State.DELIVERED)
            if counts:
                updates.append(_update(number, settle.at, outcome))
                if not outcome.state.needs_content:
                    (ended_in_files if in_file else ended).add(number)
            events.extend(_events(number, settle.at, outcome, state, counts))
        for report in settle.reports:
            number = mail_number(connection, settle.mail_id) if number is None else number
            events.append(report_row(number, settle.at, report))
    for start, size in _chunks(len(updates)):
        connection.execute(_update_statement(size), [value for row in updates[start : start + size] for value in row])
    insert(connection, "event", EVENT_COLUMNS, events)
    _forget_rows(connection, sorted(ended))
    _forget_files(connection, sorted(ended_in_files), unneeded)
    reports = [report for settle in settles for report in settle.reports]
    if reports:
        keep_all(connection, reports)


def next_number(connection: Connection) -> int:
    """The number of the next mail's row."""
    number = connection.execute("SELECT ifnull(max(number), 0) + 1 FROM mail").get
    assert isinstance(number, int)
    return number


def mail_number(connection: Connection, mail_id: str) -> int:
    """The number of a mail's row; raises UnknownMail."""
    number = connection.execute("SELECT number FROM mail WHERE id = ?", (mail_id,)).get
    if not isinstance(number, int):
        raise UnknownMail(f"there is no mail {mail_id[:40]!r}")
    return number


def report_row(number: int, at: float, report: Keep) -> Row:
    """The event that a report about this mail was made."""
    to = ", ".join(new.recipient.address.text for new in report.recipients)
    return (number, at, None, EventKind.REPORTED.value, "", whole(f"report {report.mail.id} to {to}"))


def forget_bodies(connection: Connection, numbers: Sequence[int], unneeded: list[str]) -> None:
    """Drop the contents of these mails where no recipient needs them any more."""
    _forget_rows(connection, numbers)
    _forget_files(connection, numbers, unneeded)


def _forget_rows(connection: Connection, numbers: Sequence[int]) -> None:
    for start, size in _chunks(len(numbers)):
        connection.execute(
            f"DELETE FROM body WHERE mail IN ({','.join('?' * size)}) AND NOT EXISTS "
            f"(SELECT 1 FROM recipient r WHERE r.mail = body.mail AND r.state IN {LIVE})",
            numbers[start : start + size],
        )


def _forget_files(connection: Connection, numbers: Sequence[int], unneeded: list[str]) -> None:
    for start, size in _chunks(len(numbers)):
        some = numbers[start : start + size]
        marks = ",".join("?" * size)
        files = connection.execute(
            f"SELECT number, id FROM mail WHERE number IN ({marks}) AND body_file = 1 AND NOT EXISTS "
            f"(SELECT 1 FROM recipient r WHERE r.mail = mail.number AND r.state IN {LIVE})",
            some,
        ).fetchall()
        for number, mail_id in files:
            connection.execute("UPDATE mail SET body_file = 0 WHERE number = ?", (number,))
            unneeded.append(as_text(mail_id))


def insert(connection: Connection, table: str, columns: str, rows: Sequence[Row]) -> None:
    """Insert rows, several a statement."""
    for start, size in _chunks(len(rows)):
        values: Sequence[Value] = [value for row in rows[start : start + size] for value in row] if size > 1 else rows[start]
        connection.execute(_insert_statement(table, columns, size), values)


@lru_cache(maxsize=128)
def _chunks(count: int) -> tuple[tuple[int, int], ...]:
    """(start, size) of pieces that make up `count`, in sizes of _CHUNKS."""
    pieces: list[tuple[int, int]] = []
    start = 0
    for size in _CHUNKS:
        while count - start >= size:
            pieces.append((start, size))
            start += size
    return tuple(pieces)


@lru_cache(maxsize=128)
def _insert_statement(table: str, columns: str, rows: int) -> str:
    marks = "(" + ",".join("?" * (columns.count(",") + 1)) + ")"
    return f"INSERT INTO {table} ({columns}) VALUES {','.join([marks] * rows)}"


@lru_cache(maxsize=len(_CHUNKS))
def _update_statement(rows: int) -> str:
    """Each row as `_update` makes it."""
    marks = "(" + ",".join("?" * _OUTCOME_COLUMNS) + ")"
    return (
        "UPDATE recipient SET state = new.column3, attempts = attempts + 1, next_attempt = new.column4, "
        "delay_noticed = max(delay_noticed, new.column5), doubtful = doubtful + new.column6, reply = new.column7, "
        "next_hop = new.column8, remote_id = new.column9, changed = new.column10 "
        f"FROM (VALUES {','.join([marks] * rows)}) AS new WHERE mail = new.column1 AND key = new.column2"
    )


@lru_cache(maxsize=len(_CHUNKS))
def _standing_statement(pairs: int) -> str:
    return (
        "SELECT m.id, r.key, m.number, r.state, m.body_file "
        f"FROM (VALUES {','.join(['(?,?)'] * pairs)}) AS wanted "
        "CROSS JOIN mail m ON m.id = wanted.column1 CROSS JOIN recipient r ON r.mail = m.number AND r.key = wanted.column2"
    )


def _standing(connection: Connection, pairs: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, State, bool]]:
    """(mail's id, key) → number of the mail, state, whether the content lies in a file."""
    if len(set(pairs)) != len(pairs):
        raise StoreRefused("one attempt has two outcomes for the same recipient")
    found: dict[tuple[str, int], tuple[int, State, bool]] = {}
    for start, size in _chunks(len(pairs)):
        values = [value for pair in pairs[start : start + size] for value in pair]
        for mail_id, key, number, state, in_file in connection.execute(_standing_statement(size), values).fetchall():
            found[as_text(mail_id), as_int(key)] = (as_int(number), State(as_text(state)), bool(in_file))
    return found


def _update(number: int, at: float, outcome: Outcome) -> Row:
    match outcome.state:
        case State.QUEUED:
            next_attempt: float | None = at if outcome.next_attempt is None else outcome.next_attempt
        case State.DELIVERED | State.FAILED | State.HELD:
            next_attempt = None
        case State.DROPPED | State.REDIRECTED | State.DISCARDED | State.REJECTED:
            raise StoreRefused(f"an attempt cannot end with {outcome.state}")
        case _:
            assert_never(outcome.state)
    return (
        number,
        outcome.key,
        outcome.state.value,
        next_attempt,
        int(outcome.delay_noticed),
        int(outcome.doubtful),
        whole(outcome.reply),
        outcome.next_hop,
        whole(outcome.remote_id),
        at,
    )


def _events(number: int, at: float, outcome: Outcome, before: State, counts: bool) -> list[Row]:
    key = outcome.key
    detail = whole(f"{outcome.next_hop}: {outcome.reply}" if outcome.next_hop else outcome.reply)
    kind = EventKind.DEFERRED if outcome.state is State.QUEUED else EventKind(outcome.state.value)
    events: list[Row] = []
    if outcome.doubtful:
        lost = "the content was sent and the final reply was lost: an extra copy is possible"
        events.append((number, at, key, EventKind.DOUBTFUL.value, "", lost))
    if not counts:
        detail = f"{kind} when it was no longer queued but {before}: {detail}"
        kind = EventKind.LATE
    elif before is not State.QUEUED:
        detail = f"{detail} (an attempt was under way while it became {before})"
    events.append((number, at, key, kind.value, "", detail))
    if counts and outcome.delay_noticed:
        events.append((number, at, key, EventKind.DELAY_NOTICED.value, "", ""))
    return events


def _places(keep: Keep) -> str:
    """'queued', or '2 queued, 1 held'."""
    if len(keep.recipients) == 1:
        return keep.recipients[0].state.value
    counted = Counter(new.state.value for new in keep.recipients)
    return ", ".join(f"{count} {state}" for state, count in counted.items())
