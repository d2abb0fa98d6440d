"""What is asked of the database. Every statement here is served by an index, or stops at its limit; see `schema`."""

import json
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, closing
from heapq import merge
from itertools import islice
from operator import itemgetter

from screener.store.connection import Connection, Cursor, Row, Value, as_float, as_int, as_text
from screener.store.queries import Counts, Paused, PlaceCount, QueueCount, RouteEvent, SearchFor
from screener.store.records import EventKind, State
from screener.store.rows import EVENT_COLUMNS, MAIL_COLUMNS, RECIPIENT_COLUMNS, whole

_MAIL = ", ".join("m." + name for name in MAIL_COLUMNS.split(", "))
_MAIL_WIDTH = MAIL_COLUMNS.count(",") + 1
_RECIPIENT = ", ".join("r." + name for name in RECIPIENT_COLUMNS.split(", "))
_EVENT = ", ".join("e." + name for name in EVENT_COLUMNS.split(", ")[1:])
_ENTRY_QUEUED = 2 + RECIPIENT_COLUMNS.split(", ").index("queued")
_ENTRY_MAIL = 2

# A loose scan: one seek for each route and its next attempt, however much is queued.
_ROUTES = """
    WITH RECURSIVE found (route) AS (
        SELECT min(route) FROM recipient WHERE state = 'queued'
        UNION ALL
        SELECT (SELECT min(route) FROM recipient WHERE state = 'queued' AND route > found.route) FROM found
        WHERE found.route IS NOT NULL
    )
    SELECT route, (SELECT min(next_attempt) FROM recipient r WHERE r.state = 'queued' AND r.route = found.route)
    FROM found WHERE route IS NOT NULL
"""
_DUE = f"""
    SELECT m.id, m.received, {_RECIPIENT}
    FROM recipient r INDEXED BY queue_oldest CROSS JOIN mail m ON m.number = r.mail
    WHERE r.state = 'queued' AND r.route = ?1 AND r.next_attempt <= ?2
"""
_DUE_ORDER = " ORDER BY r.queued, r.mail, r.key"
_NOT_THESE = " AND m.id NOT IN (SELECT value FROM json_each(?3))"
_FIND = """
    SELECT id FROM mail WHERE id = upper(?1)
    UNION SELECT id FROM mail WHERE message_id <> '' AND trim(message_id, ' <>') = ?1
    UNION SELECT id FROM mail WHERE front_id <> '' AND front_id = ?1
    UNION SELECT m.id FROM recipient r CROSS JOIN mail m ON m.number = r.mail WHERE r.remote_id <> '' AND r.remote_id = ?1
    ORDER BY 1
"""


def routes(connection: Connection) -> list[tuple[str, float]]:
    """Each route with something queued, and when its next attempt is due."""
    return [(as_text(route), as_float(next_attempt)) for route, next_attempt in connection.execute(_ROUTES).fetchall()]


def due(
    connection: Connection, now: float, limit: int, except_routes: AbstractSet[str], except_mails: AbstractSet[str]
) -> list[Row]:
    """Rows for `rows.entry_of`, the longest queued first."""
    if limit <= 0:
        return []
    statement = _DUE + (_NOT_THESE if except_mails else "") + _DUE_ORDER
    excepted = (json.dumps(list(except_mails)),) if except_mails else ()
    wanted = [route for route, next_attempt in routes(connection) if route not in except_routes and next_attempt <= now]
    with ExitStack() as open_cursors:
        ordered = [open_cursors.enter_context(closing(connection.execute(statement, (route, now, *excepted)))) for route in wanted]
        return list(islice(merge(*ordered, key=itemgetter(_ENTRY_QUEUED, _ENTRY_MAIL, _ENTRY_MAIL + 1)), limit))


def mail(connection: Connection, mail_id: str) -> Row | None:
    """A row for `rows.stored_of`."""
    return one(connection.execute(f"SELECT {MAIL_COLUMNS} FROM mail WHERE id = ?", (whole(mail_id),)))


def body(connection: Connection, mail_id: str) -> Row | None:
    """Size of the content, its CRC-32, whether it lies in a file, its octets or None."""
    return one(
        connection.execute(
            "SELECT m.size, m.body_crc, m.body_file, b.octets FROM mail m LEFT JOIN body b ON b.mail = m.number WHERE m.id = ?",
            (whole(mail_id),),
        )
    )


def entries(connection: Connection, mail_id: str) -> list[Row]:
    """Rows for `rows.entry_of`."""
    return connection.execute(
        f"SELECT m.id, m.received, {_RECIPIENT} FROM mail m CROSS JOIN recipient r ON r.mail = m.number "
        "WHERE m.id = ? ORDER BY r.key",
        (whole(mail_id),),
    ).fetchall()


def events(connection: Connection, mail_id: str) -> list[Row]:
    """Rows for `rows.event_of`."""
    return connection.execute(
        f"SELECT m.id, {_EVENT} FROM mail m CROSS JOIN event e ON e.mail = m.number WHERE m.id = ? ORDER BY e.number",
        (whole(mail_id),),
    ).fetchall()


def find(connection: Connection, any_id: str) -> list[str]:
    """Ids of mails known by this name, in the order they came."""
    name = whole(any_id).strip(" <>\t\r\n")
    if not name:
        return []
    return [as_text(mail_id) for (mail_id,) in connection.execute(_FIND, (name,)).fetchall()]


def search(connection: Connection, wanted: SearchFor) -> list[tuple[Row, Row]]:
    """Pairs of rows for `rows.stored_of` and `rows.entry_of`, newest mail first."""
    if wanted.limit <= 0:
        return []
    conditions, values = _conditions(wanted)
    with ExitStack() as open_cursors:
        # One statement a state: held, dropped and queued have an index each, to which the planner is led only by a constant.
        ordered: list[Cursor] = []
        for state in wanted.states or (None,):
            where = [f"r.state = '{state.value}'", *conditions] if state else conditions
            statement = (
                f"SELECT {_MAIL}, m.id, m.received, {_RECIPIENT} FROM recipient r "
                f"{_place_index(state)} CROSS JOIN mail m ON m.number = r.mail "
                f"{'WHERE ' + ' AND '.join(where) if where else ''} ORDER BY r.mail DESC, r.key DESC"
            )
            ordered.append(open_cursors.enter_context(closing(connection.execute(statement, values))))
        mail_and_key = itemgetter(0, _MAIL_WIDTH + 3)
        found: Iterator[Row] = merge(*ordered, key=mail_and_key, reverse=True)
        return [(row[:_MAIL_WIDTH], row[_MAIL_WIDTH:]) for row in islice(found, wanted.limit)]


def counts(connection: Connection) -> Counts:
    """How much lies where."""
    queues = connection.execute(
        "SELECT route, count(*), min(queued) FROM recipient WHERE state = 'queued' GROUP BY route"
    ).fetchall()
    queue_counts = tuple(QueueCount(as_text(route), as_int(count), as_float(oldest)) for route, count, oldest in queues)
    return Counts(queue_counts, place(connection, State.HELD), place(connection, State.DROPPED))


def place(connection: Connection, state: State) -> PlaceCount:
    """How much is held or dropped."""
    recipients, mails, oldest = connection.execute(
        f"SELECT count(*), count(DISTINCT mail), min(changed) FROM recipient WHERE state = '{state.value}'"
    ).fetchall()[0]
    return PlaceCount(as_int(recipients), as_int(mails), octets(connection, state), None if oldest is None else as_float(oldest))


def octets(connection: Connection, state: State) -> int:
    """Octets of the contents of what is held or dropped, each mail once."""
    found = connection.execute(
        f"SELECT ifnull(sum(size), 0) FROM mail WHERE number IN (SELECT mail FROM recipient WHERE state = '{state.value}')"
    ).get
    return as_int(found)


def paused(connection: Connection) -> list[Paused]:
    """Routes whose last event paused them."""
    rows = connection.execute(
        "SELECT route, at, who, note FROM route_event WHERE number IN (SELECT max(number) FROM route_event GROUP BY route) "
        "AND kind = 'paused' ORDER BY route"
    ).fetchall()
    return [Paused(as_text(route), as_float(at), as_text(who), as_text(note)) for route, at, who, note in rows]


def route_events(connection: Connection, route: str, limit: int) -> list[RouteEvent]:
    """The latest first."""
    rows = connection.execute(
        f"SELECT route, at, kind, who, note FROM route_event {'WHERE route = ?1' if route else ''} ORDER BY number DESC LIMIT ?2",
        (whole(route), max(0, limit)),
    ).fetchall()
    return [
        RouteEvent(as_text(name), as_float(at), EventKind(as_text(kind)), as_text(who), as_text(note))
        for name, at, kind, who, note in rows
    ]


def one(rows: Iterable[Row]) -> Row | None:
    """The first row; reads to the end, so that no statement stays open and holds the log back."""
    found = list(rows)
    return found[0] if found else None


def _place_index(state: State | None) -> str:
    match state:
        case State.HELD:
            return "INDEXED BY place_held"
        case State.DROPPED:
            return "INDEXED BY place_dropped"
        case _:
            return ""


def _conditions(wanted: SearchFor) -> tuple[list[str], list[Value]]:
    conditions: list[str] = []
    values: list[Value] = []
    for column, part in (("m.sender", wanted.sender), ("r.address", wanted.recipient), ("m.subject", wanted.subject)):
        if part.isascii() and part:
            conditions.append(f"{column} LIKE ? ESCAPE '\\'")  # folds ASCII
            values.append("%" + part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
        elif part:
            conditions.append(f"instr(casefold({column}), ?)")
            values.append(whole(part.casefold()))
    for condition, value in (
        ("r.rule = ?", whole(wanted.rule) or None),
        ("r.route = ?", whole(wanted.route) or None),
        ("m.received < ?", wanted.older_than),
        ("m.received >= ?", wanted.newer_than),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if wanted.undeliverable:
        conditions.append("r.state = 'held' AND r.attempts > 0")
    return conditions, values
