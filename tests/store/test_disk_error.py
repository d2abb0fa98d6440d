"""A disk that refuses to write: those who wait hear of it, and the writer goes on trying."""

from pathlib import Path

from fakes.kept import kept
from fakes.long_files import no_file_longer_than

from screener.store.errors import StoreUnavailable
from screener.store.folders import DATABASE
from screener.store.records import State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer


def test_an_input_output_error_fails_what_waits_and_nothing_else(store: SqliteStore, folder: Path) -> None:
    writer = Writer(store)
    first = kept(State.QUEUED)
    assert writer.submit(first).exception(20) is None
    log = (folder / f"{DATABASE}-wal").stat().st_size
    with no_file_longer_than(log + 50_000):
        refused = [kept(State.QUEUED, octets=b"x" * 200_000) for _ in range(3)]
        errors = [writer.submit(mail).exception(20) for mail in refused]
        assert [type(error) for error in errors] == [StoreUnavailable] * 3
        assert "could not be read or written" in str(errors[0])
        assert store.mail(first.mail.id) is not None
        assert all(store.mail(mail.mail.id) is None for mail in refused)
    after = kept(State.QUEUED, octets=b"x" * 200_000)
    assert writer.submit(after).exception(20) is None
    writer.close()
    assert store.content(after.mail.id) == b"x" * 200_000
    assert store.check().problems == ()
