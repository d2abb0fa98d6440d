"""What the service does again and again."""

import asyncio
from pathlib import Path

import pytest
from fakes.delivering import route_to, settings
from fakes.waiting import eventually

from screener import service
from screener.config.keeping import StoreSettings
from screener.store.errors import StoreUnavailable
from screener.store.sqlite import SqliteStore


async def test_it_looks_for_changes_by_people_again_after_a_store_that_could_not_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings({"inside": route_to(25)}).model_copy(update={"store": StoreSettings(folder=tmp_path, reserve=1024)})
    asked: list[SqliteStore] = []

    def changed(store: SqliteStore) -> int:
        asked.append(store)
        if len(asked) == 2:
            raise StoreUnavailable("busy")
        return len(asked)

    monkeypatch.setattr(service, "LOOK_EVERY", 0.01)
    made = service.Service(config)
    monkeypatch.setattr(SqliteStore, "changed", changed)
    looking = asyncio.create_task(made._look())
    try:
        await eventually(lambda: len(asked) > 3, "it was asked again")
    finally:
        looking.cancel()
        await asyncio.to_thread(made._writer.close)
        made._store.close()
