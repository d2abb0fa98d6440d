"""Reading a damaged database row by row, and what of a mail can be kept.

A mail is saved when its row and its recipients can be read. Where only its content is lost, each recipient that needed it ends as
failed with the event "lost"; where only its history is, it goes on without. Everything lost is said in a line for people, lost
mail first; of many lost histories of saved mail, their number.
"""

from contextlib import closing
from itertools import chain, pairwise
from pathlib import Path
from zlib import crc32

from screener.store import schema
from screener.store.bodies import Bodies
from screener.store.connection import READ_ERRORS, Connection, DatabaseError, Row, as_int, as_text, connect
from screener.store.errors import StoreError
from screener.store.records import EventKind, State
from screener.store.rows import EVENT_COLUMNS, MAIL_COLUMNS, RECIPIENT_COLUMNS, entry_of, stored_of
from screener.store.transaction import roll_back
from screener.store.writing import MAIL_ID, insert

_AT_ONCE = 1_000  # mails a transaction
_WIDEST_GAP = 100_000  # mails that may be missing between two that can be read
_HISTORIES_TOLD = 10  # mails whose lost history is told one by one
_ROUTE_EVENT_COLUMNS = "route, at, kind, who, note"
_ADDRESS, _STATE, _NEXT_ATTEMPT, _REPLY = map(RECIPIENT_COLUMNS.split(", ").index, ("address", "state", "next_attempt", "reply"))
_ID, _SIZE, _BODY_FILE, _CRC, _SENDER = map(MAIL_COLUMNS.split(", ").index, ("id", "size", "body_file", "body_crc", "sender"))


def salvage(source: Path, target: Connection, bodies: Bodies, at: float) -> tuple[str, ...]:
    """Copy what can be read of `source` into the empty `target`; returns what was lost. Raises the target's DatabaseError.

    Where its first page cannot be read, which says where the tables begin, that of a new database is put there: `source` is a copy.
    """
    try:
        return _salvage(source, target, bodies, at)
    except (*READ_ERRORS, StoreError, OSError) as error:
        unreadable = f"nothing could be read: {error}"
    try:
        _put_new_first_page(source, source.with_name("new.db"))
        lost = _salvage(source, target, bodies, at)
    except (*READ_ERRORS, StoreError, OSError):
        return (unreadable,)
    if not target.execute("SELECT count(*) FROM mail").get:
        return (unreadable,)
    return ("the first page of the database could not be read: its tables were looked for where a new one has them", *lost)


def _salvage(source: Path, target: Connection, bodies: Bodies, at: float) -> tuple[str, ...]:
    with closing(connect(source)) as damaged:
        was_blank = schema.is_blank(damaged)
        _, version = schema.upgrade(damaged)
        assert version == len(schema.STEPS)
        if was_blank:
            return ("nothing could be read: the database has no tables",)
        return tuple(_Salvage(damaged, target, bodies, at).everything())


def _put_new_first_page(source: Path, new: Path) -> None:
    """Overwrite the first page with that of a new database of the same size (https://sqlite.org/fileformat2.html, 1.3)."""
    with closing(connect(new, create=True)) as connection:
        schema.upgrade(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = as_int(connection.pragma("page_size"))
    first = bytearray(new.read_bytes()[:size])
    for ending in ("", "-wal", "-shm"):
        Path(f"{new}{ending}").unlink(missing_ok=True)
    pages = -(-source.stat().st_size // size)
    first[28:40] = pages.to_bytes(4, "big") + bytes(8)  # how many pages; none of them free
    first[92:96] = first[24:28]  # the number of pages holds for this state of the file
    with source.open("r+b") as file:
        file.write(first)
    Path(f"{source}-shm").unlink(missing_ok=True)


class _Salvage:
    """One run over a damaged database."""

    def __init__(self, source: Connection, target: Connection, bodies: Bodies, at: float) -> None:
        self._source = source
        self._target = target
        self._bodies = bodies
        self._at = at
        self._lost: list[str] = []
        self._without_history: list[str] = []  # ids of saved mails
        self._saved = 0

    def everything(self) -> list[str]:
        """Save all that can be; returns what was lost."""
        numbers = self._numbers()
        for start in range(0, len(numbers), _AT_ONCE):
            self._target.execute("BEGIN IMMEDIATE")
            try:
                for number in numbers[start : start + _AT_ONCE]:
                    self._mail(number)
                self._target.execute("COMMIT")
            except BaseException:
                roll_back(self._target)
                raise
        try:
            rows = self._source.execute(f"SELECT {_ROUTE_EVENT_COLUMNS} FROM route_event ORDER BY number").fetchall()
        except READ_ERRORS as error:
            self._lost.append(f"which routes are paused could not be read: {error}")
        else:
            insert(self._target, "route_event", _ROUTE_EVENT_COLUMNS, rows)
        return [*self._lost, *self._histories()]

    def _histories(self) -> list[str]:
        """Last, and never a line for each of very many: these mails are saved."""
        told = [f"mail {mail_id}: its history could not be read; the mail itself is saved" for mail_id in self._without_history]
        more = len(told) - _HISTORIES_TOLD
        if more > 1:
            told[_HISTORIES_TOLD:] = [f"the histories of {more} more mails could not be read; the mails themselves are saved"]
        return told

    def _numbers(self) -> list[int]:
        """The numbers of all mails of which any trace can be read, from whichever table still tells."""
        found: set[int] = set()
        damaged = False
        for column, table in (("number", "mail"), ("mail", "recipient"), ("mail", "body"), ("mail", "event")):
            for order in ("", " DESC"):
                try:
                    for (number,) in self._source.execute(f"SELECT {column} FROM {table} NOT INDEXED ORDER BY {column}{order}"):
                        if isinstance(number, int):
                            found.add(number)
                except READ_ERRORS:
                    damaged = True
                else:
                    break  # the whole table could be read
        numbers = sorted(number for number in found if number > 0)
        if not damaged:
            return numbers
        # What lies between two damaged pages is found only by asking for it; but one changed number must not mean asking for ever.
        gaps = (range(before + 1, number) for before, number in pairwise([0, *numbers]) if number - before <= _WIDEST_GAP)
        return sorted({*numbers, *chain.from_iterable(gaps)})

    def _mail(self, number: int) -> None:
        recipients = self._rows(f"SELECT {RECIPIENT_COLUMNS} FROM recipient WHERE mail = ? ORDER BY key", number)
        mails = self._rows(f"SELECT {MAIL_COLUMNS} FROM mail WHERE number = ?", number)
        if not mails:
            if mails is None or recipients:
                addresses = ", ".join(str(row[_ADDRESS]) for row in recipients or ()) or "unknown recipients"
                self._lost.append(f"a mail to {addresses}: its sender and origin could not be read")
            return
        mail = mails[0]
        try:
            mail_id = stored_of(mail, "").id
            if MAIL_ID.fullmatch(mail_id) is None or not recipients:
                raise ValueError("its recipients could not be read")
            for row in recipients:
                entry_of((mail_id, 0.0, *row))
        except (ValueError, TypeError) as error:
            self._lost.append(f"mail {mail[_ID]!s:.40} from {mail[_SENDER]!s:.254}: {error}")
            return
        self._keep(number, mail, recipients)

    def _keep(self, number: int, mail: Row, recipients: list[Row]) -> None:
        mail_id = as_text(mail[_ID])
        needed = any(State(as_text(row[_STATE])).needs_content for row in recipients)
        body = self._rows("SELECT octets FROM body WHERE mail = ?", number) if needed and not mail[_BODY_FILE] else []
        events = self._rows(f"SELECT {EVENT_COLUMNS} FROM event NOT INDEXED WHERE mail = ? ORDER BY number", number)
        has_history = events is not None
        events = events or []
        if needed and not self._is_whole(mail, body):
            recipients = [self._without_content(mail_id, row, events) for row in recipients]
            mail = (*mail[:_BODY_FILE], 0, *mail[_BODY_FILE + 1 :])
            body = []
        anew = self._saved + 1  # the old number may be one that the damage made up
        self._target.execute("SAVEPOINT one")
        try:
            insert(self._target, "mail", MAIL_COLUMNS, [(anew, *mail[1:])])
            insert(self._target, "body", "mail, octets", [(anew, row[0]) for row in body or ()])
            insert(self._target, "recipient", RECIPIENT_COLUMNS, [(anew, *row[1:]) for row in recipients])
            insert(self._target, "event", EVENT_COLUMNS, [(anew, *row[1:]) for row in events])
            self._saved = anew
            if not has_history:
                self._without_history.append(mail_id)
        except (DatabaseError, TypeError, ValueError) as error:
            self._target.execute("ROLLBACK TO one")
            self._lost.append(f"mail {mail_id}: what was read of it makes no sense: {error}")
        self._target.execute("RELEASE one")

    def _is_whole(self, mail: Row, body: list[Row] | None) -> bool:
        if not mail[_BODY_FILE]:
            return any(
                isinstance(octets, bytes) and (len(octets), crc32(octets)) == (mail[_SIZE], mail[_CRC]) for (octets,) in body or ()
            )
        try:
            self._bodies.read(as_text(mail[_ID]), as_int(mail[_SIZE]))
        except (StoreError, OSError):
            return False
        return True

    def _without_content(self, mail_id: str, row: Row, events: list[Row]) -> Row:
        """The recipient's row when the content is lost; tells so in the history and to people."""
        state = State(as_text(row[_STATE]))
        if not state.needs_content:
            return row
        told = f"was {state}; its content could not be read out of the damaged store"
        self._lost.append(f"mail {mail_id} to {as_text(row[_ADDRESS])}: {told}")
        events.append((row[0], self._at, row[1], EventKind.LOST.value, "", told))
        changed = list(row)
        changed[_STATE], changed[_NEXT_ATTEMPT], changed[_REPLY] = State.FAILED.value, None, told
        return tuple(changed)

    def _rows(self, statement: str, number: int) -> list[Row] | None:
        """All rows, or None when they cannot be read."""
        try:
            return self._source.execute(statement, (number,)).fetchall()
        except READ_ERRORS:
            return None
