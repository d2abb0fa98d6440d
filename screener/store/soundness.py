"""Whether a store is sound: the database by itself, and what lies in it against the files beside it.

Reads one consistent state on a connection of its own, also while the service runs. Files without a row are no fault: they are mail
being received, or orphans that the service's next start puts aside.
"""

from pathlib import Path
from zlib import crc32

from screener.store import schema
from screener.store.bodies import Bodies
from screener.store.connection import READ_ERRORS, Connection, Value, as_int, as_text, connect, translated
from screener.store.queries import Checked
from screener.store.writing import LIVE

_SHOWN = 20  # problems of one kind; more are counted
_NEEDED = f"EXISTS (SELECT 1 FROM recipient r WHERE r.mail = m.number AND r.state IN {LIVE})"
_QUESTIONS = (
    ("has no recipient", "SELECT m.id FROM mail m WHERE NOT EXISTS (SELECT 1 FROM recipient r WHERE r.mail = m.number)"),
    (
        "is needed and has no content",
        "SELECT m.id FROM mail m WHERE m.body_file = 0 AND NOT EXISTS (SELECT 1 FROM body b WHERE b.mail = m.number) AND "
        + _NEEDED,
    ),
    (
        "has a content that the disk has changed",
        "SELECT m.id FROM mail m CROSS JOIN body b ON b.mail = m.number "
        "WHERE length(b.octets) <> m.size OR crc32(b.octets) <> m.body_crc",
    ),
    (
        "keeps a content that nobody needs",
        "SELECT m.id FROM mail m WHERE (m.body_file = 1 OR EXISTS (SELECT 1 FROM body b WHERE b.mail = m.number)) AND NOT "
        + _NEEDED,
    ),
)


def check(database: Path, bodies: Bodies) -> Checked:
    """Read everything once; raises StoreUnavailable only when the database cannot even be opened."""
    with translated:
        connection = connect(database)
    try:
        with translated:
            connection.create_scalar_function("crc32", _crc32, 1, deterministic=True)
            connection.execute("BEGIN")
        try:
            return _check(connection, bodies)
        except READ_ERRORS as error:
            return Checked(
                0, 0, (f"the database is damaged and cannot be read: {error}: stop the service and run `screener store recover`",)
            )
    finally:
        connection.close()


def _check(connection: Connection, bodies: Bodies) -> Checked:
    problems: list[str] = []
    found = [as_text(line) for (line,) in connection.execute(f"PRAGMA quick_check({_SHOWN})").fetchall()]
    if found != ["ok"]:
        problems += [f"the database is damaged: {line}" for line in found]
    if schema.version(connection) != len(schema.STEPS):
        problems.append(f"the tables are of version {schema.version(connection)}: this Screener knows {len(schema.STEPS)}")
        return Checked(0, 0, tuple(problems))
    strays = connection.execute("PRAGMA foreign_key_check").fetchall()
    if strays:
        problems.append(f"{len(strays)} rows belong to no mail")
    for what, question in _QUESTIONS:
        problems += _listed(what, [as_text(mail_id) for (mail_id,) in connection.execute(question).fetchall()])
    problems += _listed("has lost its file, or a part of it", _lost_files(connection, bodies))
    mails = as_int(connection.execute("SELECT count(*) FROM mail").get)
    recipients = as_int(connection.execute("SELECT count(*) FROM recipient").get)
    return Checked(mails, recipients, tuple(problems))


def _lost_files(connection: Connection, bodies: Bodies) -> list[str]:
    """Mails whose file is not there or not whole, and which need it still: meanwhile the service may have delivered some."""
    rows = connection.execute("SELECT id, size FROM mail WHERE body_file = 1").fetchall()
    lost = [as_text(mail_id) for mail_id, size in rows if bodies.size(as_text(mail_id)) != size]
    if not lost:
        return []
    connection.execute("COMMIT")
    connection.execute("BEGIN")
    needed = {as_text(mail_id) for (mail_id,) in connection.execute("SELECT id FROM mail WHERE body_file = 1").fetchall()}
    return [mail_id for mail_id in lost if mail_id in needed]


def _crc32(*columns: Value) -> int:
    octets = columns[0]
    return crc32(octets) if isinstance(octets, bytes) else 0


def _listed(what: str, mail_ids: list[str]) -> list[str]:
    lines = [f"mail {mail_id} {what}" for mail_id in mail_ids[:_SHOWN]]
    if len(mail_ids) > _SHOWN:
        lines.append(f"… and {len(mail_ids) - _SHOWN} more of which each {what}")
    return lines
