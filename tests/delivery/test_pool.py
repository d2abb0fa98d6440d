"""Who waits for a connection and gives up takes none from the others."""

import asyncio

import pytest
from fakes.delivering import route_to

from screener.delivery.exchange import Offers
from screener.delivery.pool import Connection, Pool
from screener.delivery.wire import Wire


class _Line(asyncio.Transport):
    """Takes everything, says nothing."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Nothing comes for it."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing waits."""

    def is_closing(self) -> bool:
        return False


@pytest.mark.parametrize("turns", range(1, 4))
async def test_a_connection_is_there_for_others_whenever_who_asked_for_it_gives_up(turns: int) -> None:
    async def open_one() -> Connection:
        return Connection(Wire(_Line(), asyncio.get_running_loop()), Offers())

    pool = Pool(route_to(25, connections=1), open_one, lambda _: None)
    first = asyncio.create_task(pool.take())
    for _ in range(turns):
        await asyncio.sleep(0)
    if first.cancel():
        async with asyncio.timeout(5):
            await pool.take()


@pytest.mark.parametrize("turns", range(3))
async def test_it_is_the_next_ones_turn_whenever_who_was_next_gives_up(turns: int) -> None:
    async def open_one() -> Connection:
        if opened:
            await asyncio.Event().wait()
        opened.append(Connection(Wire(_Line(), asyncio.get_running_loop()), Offers()))
        return opened[0]

    opened: list[Connection] = []
    pool = Pool(route_to(25, connections=3), open_one, lambda _: None)
    taken = await pool.take()
    second, third = asyncio.create_task(pool.take()), asyncio.create_task(pool.take())
    await asyncio.sleep(0.01)
    pool.give_back(taken)
    for _ in range(turns):
        await asyncio.sleep(0)
    if second.cancel():
        async with asyncio.timeout(5):
            assert await third is taken
    await pool.close()
