"""The tables, and how an older database becomes today's.

`STEPS[n]` leads from version n to n + 1; the version lies in `PRAGMA user_version`. A step that was released never changes: what is
new is a new step. All of an upgrade happens in one transaction. A recipient is (mail, key); `mail` is the number of its mail's row.

Indexes cost every mail, so there are few: the two over the queue hold only what is queued (the longest queued first; what is due
next), those over held and dropped mail only that. Times are seconds since the epoch.
"""

from collections.abc import Sequence

from screener.store.connection import Connection
from screener.store.errors import StoreError

APPLICATION_ID = 0x53435231  # "SCR1": says to `file` and to us whose database this is

_FIRST = """
CREATE TABLE mail (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    received REAL NOT NULL,
    size INTEGER NOT NULL,
    body_file INTEGER NOT NULL,         -- 1: the content lies in a file and is needed
    body_crc INTEGER NOT NULL,          -- CRC-32 of a content that lies here: SQLite does not notice a changed octet in one
    ruleset TEXT NOT NULL,
    report_for TEXT NOT NULL,
    sender TEXT NOT NULL,
    body_type TEXT NOT NULL,
    smtputf8 INTEGER NOT NULL,
    declared_size INTEGER,
    ret TEXT NOT NULL,
    envid TEXT NOT NULL,
    client_address TEXT NOT NULL,
    client_port INTEGER NOT NULL,
    client_name TEXT NOT NULL,
    helo TEXT NOT NULL,
    protocol TEXT NOT NULL,
    authenticated TEXT NOT NULL,
    tls TEXT NOT NULL,
    listener TEXT NOT NULL,
    front TEXT NOT NULL,
    front_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    from_field TEXT NOT NULL,
    defects TEXT NOT NULL,              -- JSON, or empty
    attachments TEXT NOT NULL,          -- JSON, or empty
    trace BLOB NOT NULL
) STRICT;
CREATE INDEX mail_message_id ON mail (trim(message_id, ' <>')) WHERE message_id <> '';
CREATE INDEX mail_front_id ON mail (front_id) WHERE front_id <> '';
CREATE INDEX mail_body_file ON mail (id) WHERE body_file = 1;

CREATE TABLE body (
    mail INTEGER PRIMARY KEY REFERENCES mail ON DELETE CASCADE,
    octets BLOB NOT NULL
) STRICT;

CREATE TABLE recipient (
    mail INTEGER NOT NULL REFERENCES mail ON DELETE CASCADE,
    key INTEGER NOT NULL,
    address TEXT NOT NULL,
    notify TEXT NOT NULL,
    orcpt TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('queued', 'held', 'dropped', 'delivered', 'failed', 'redirected', 'discarded', 'rejected')),
    verdict TEXT NOT NULL,              -- JSON; empty: forwarded, no rule
    rule TEXT NOT NULL,
    route TEXT NOT NULL,
    queued REAL NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt REAL,
    delay_noticed INTEGER NOT NULL,
    doubtful INTEGER NOT NULL,
    reply TEXT NOT NULL,
    next_hop TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    changed REAL NOT NULL,
    PRIMARY KEY (mail, key),
    CHECK ((state = 'queued') = (next_attempt IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_oldest ON recipient (route, queued, mail, key, next_attempt) WHERE state = 'queued';
CREATE INDEX queue_next ON recipient (route, next_attempt) WHERE state = 'queued';
CREATE INDEX place_held ON recipient (mail) WHERE state = 'held';
CREATE INDEX place_dropped ON recipient (mail) WHERE state = 'dropped';
CREATE INDEX recipient_remote_id ON recipient (remote_id) WHERE remote_id <> '';

CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    mail INTEGER NOT NULL REFERENCES mail ON DELETE CASCADE,
    at REAL NOT NULL,
    key INTEGER,
    kind TEXT NOT NULL,
    who TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX event_mail ON event (mail);

CREATE TABLE route_event (              -- a route's last one says whether it is paused
    number INTEGER PRIMARY KEY,
    route TEXT NOT NULL,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    who TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX route_event_route ON route_event (route);
"""

STEPS: tuple[str, ...] = (_FIRST,)


def version(connection: Connection) -> int:
    """The version of the database's tables; 0: there are none."""
    found = connection.pragma("user_version")
    if not isinstance(found, int):
        raise StoreError("the store's database has no readable version")
    return found


def is_blank(connection: Connection) -> bool:
    """Whether this is a database without any table."""
    return not version(connection) and not connection.execute("SELECT count(*) FROM sqlite_schema").get


def refuse_newer(found: int, known: int = len(STEPS)) -> None:
    """Raise StoreError for tables of a version that only a later Screener understands."""
    if found > known:
        raise StoreError(
            f"the store was written by a newer Screener (version {found} of its tables; this one knows {known}): "
            "install that one again, or restore a backup made before the upgrade"
        )


def upgrade(connection: Connection, steps: Sequence[str] = STEPS) -> tuple[int, int]:
    """Bring the tables to today's version; returns the version before and after. Raises StoreError, and DatabaseError."""
    if version(connection) == len(steps):  # the usual case takes no lock: the service may be writing
        _check_owner(connection, len(steps))
        return len(steps), len(steps)
    connection.execute("BEGIN IMMEDIATE")
    try:
        before = version(connection)
        _check_owner(connection, before)
        refuse_newer(before, len(steps))
        for step in steps[before:]:
            connection.execute(step)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return before, len(steps)


def _check_owner(connection: Connection, found: int) -> None:
    """Whether this is a database of ours at all: one that has tables and not our mark is somebody else's."""
    if connection.pragma("application_id") == APPLICATION_ID:
        return
    if found or connection.execute("SELECT count(*) FROM sqlite_schema").get:
        raise StoreError(f"{connection.filename} is a database, but not Screener's: expected one made by this program")
