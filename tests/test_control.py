"""The control socket: who may open it, what it answers, and whose socket is never taken away."""

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from screener.control import MAX_REQUEST, Answer, Control, ControlError, Request, ask


class Service:
    """Commands that remember what they were asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    async def reload(self, request: Request) -> Answer:
        self.asked.append(request)
        return Answer(request.force, ("rule 'one' changed", "2 rules"))

    async def broken(self, request: Request) -> Answer:
        raise RuntimeError("as if")

    async def slow(self, request: Request) -> Answer:
        await asyncio.sleep(60)
        return Answer(True)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def path(service: Service, tmp_path: Path) -> AsyncIterator[Path]:
    path = tmp_path / "var" / "control.sock"
    control = Control(path, {"reload": service.reload, "broken": service.broken, "slow": service.slow})
    await control.start()
    yield path
    await control.stop()
    assert not path.exists()


async def asked(path: Path, request: Request, seconds: float = 10.0) -> Answer | None:
    return await asyncio.to_thread(ask, path, request, seconds)


async def said(path: Path, octets: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(octets)
    answer = await reader.readline()
    writer.close()
    return answer


async def test_a_request_reaches_its_command_and_the_answer_comes_back(path: Path, service: Service) -> None:
    assert await asked(path, Request("reload", force=True)) == Answer(True, ("rule 'one' changed", "2 rules"))
    assert await asked(path, Request("reload")) == Answer(False, ("rule 'one' changed", "2 rules"))
    assert service.asked == [Request("reload", force=True), Request("reload")]


async def test_only_the_owner_may_open_it(path: Path) -> None:
    assert stat.S_IMODE((await asyncio.to_thread(path.stat)).st_mode) == 0o600


async def test_an_unknown_command_is_answered_with_the_known_ones(path: Path) -> None:
    answer = await asked(path, Request("relaod"))
    assert answer is not None
    assert not answer.ok
    assert answer.lines == ("unknown command 'relaod'; known here: broken, reload, slow",)


@pytest.mark.parametrize(
    "octets",
    [b"\n", b"reload\n", b"[]\n", b'{"command": 7}\n', b"\xff\xfe\n", b"[" * 4000 + b"\n", b"x" * (2 * MAX_REQUEST)],
    ids=["empty", "word", "list", "number", "no UTF-8", "deep", "too long"],
)
async def test_what_is_no_request_is_answered_and_the_next_one_too(path: Path, octets: bytes) -> None:
    answer = json.loads(await said(path, octets))
    assert answer["ok"] is False
    assert answer["lines"][0].startswith("no request: ")
    assert await asked(path, Request("reload", force=True)) is not None


async def test_a_command_that_raises_leaves_no_answer_and_a_living_service(path: Path) -> None:
    heard: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    with pytest.raises(ControlError, match="without an answer"):
        await asked(path, Request("broken"))
    assert isinstance(heard[0]["exception"], RuntimeError)
    assert await asked(path, Request("reload")) is not None


async def test_a_service_that_takes_too_long_is_not_taken_for_a_stopped_one(path: Path) -> None:
    with pytest.raises(ControlError, match=r"no answer within 0\.1 s"):
        await asked(path, Request("slow"), 0.1)


def test_without_a_service_there_is_no_answer(tmp_path: Path) -> None:
    assert ask(tmp_path / "control.sock", Request("status")) is None
    assert ask(tmp_path / "missing" / "control.sock", Request("status")) is None
    (tmp_path / "file").write_text("")
    assert ask(tmp_path / "file" / "control.sock", Request("status")) is None


async def test_a_socket_nobody_answers_on_is_replaced(tmp_path: Path, service: Service) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    assert ask(path, Request("reload")) is None
    control = Control(path, {"reload": service.reload})
    await control.start()
    assert await asked(path, Request("reload")) is not None
    await control.stop()


async def test_a_socket_another_service_answers_on_stays(path: Path, service: Service) -> None:
    second = Control(path, {})
    with pytest.raises(ControlError, match="another service answers"):
        await second.start()
    await second.stop()
    assert await asked(path, Request("reload")) is not None


async def test_a_file_in_the_way_stays(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    path.write_text("mine")
    with pytest.raises(ControlError, match="is no socket"):
        await Control(path, {}).start()
    assert path.read_text() == "mine"


async def test_a_deep_folder_is_no_hindrance(tmp_path: Path, service: Service) -> None:
    path = tmp_path / ("deep" * 30) / ("deeper" * 30) / "control.sock"
    control = Control(path, {"reload": service.reload})
    await control.start()
    assert await asked(path, Request("reload")) is not None
    await control.stop()
    assert not path.exists()


async def test_stopping_cuts_a_command_in_work(tmp_path: Path, service: Service) -> None:
    path = tmp_path / "control.sock"
    control = Control(path, {"slow": service.slow})
    await control.start()
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b'{"command": "slow"}\n')
    await writer.drain()
    await asyncio.sleep(0.05)
    await control.stop()
    assert await reader.read() == b""
    writer.close()
