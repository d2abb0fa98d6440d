"""CPU of our hop by room and by function: where the time of one message goes.

    make bench-rooms [LETTER="S --reuse"]
    python -m bench.room_cost [S|M|L] [--reuse] [--sessions 10] [--messages 2000] [--top 40]

The service runs in this process, its event loop and each thread it starts under cProfile on the CPU clock of the thread; screening
processes are children and are only summed up. What C code takes is charged to the Python function that called it. Profiling makes
small functions look dearer; the sum is scaled to what the same messages cost without it, the shares are what they are.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import resource
import shutil
import signal
import sys
import sysconfig
import threading
import time
from collections import defaultdict
from pathlib import Path

from fakes.certificate import certificate
from fakes.namespace import free_port

import screener
from bench.alone import folder, stand_alone
from bench.cells import Cell
from bench.systems.hop import set_up
from bench.traffic import Sink, Source
from screener import log
from screener.config import load
from screener.service import serve

_ROOMS = Path(screener.__file__).parent
_PACKAGES = Path(sysconfig.get_paths()["purelib"])
_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
_Place = tuple[str, int, str]  # file, line, function


class Profiles:
    """One profile for the main thread, one for each that is started while it runs."""

    def __init__(self) -> None:
        self._all: list[cProfile.Profile] = []

    def begin(self) -> None:
        """Profile this thread, and every thread started from now on."""
        threading.setprofile(self._in_thread)
        self._profile()

    def _in_thread(self, *_event: object) -> None:
        sys.setprofile(None)
        self._profile()

    def _profile(self) -> None:
        profile = cProfile.Profile(time.thread_time)
        self._all.append(profile)
        profile.enable()

    def clear(self) -> None:
        """Forget what has been seen so far: starting up and warming up."""
        for profile in self._all:
            profile.clear()

    def charged(self) -> dict[_Place, float]:
        """Seconds by Python function; a C function's are its callers'."""
        seconds: defaultdict[_Place, float] = defaultdict(float)
        for profile in self._all:
            for place, (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
                if place[0] != "~" or not callers:
                    seconds[place] += own
                else:
                    for caller, (_, _, part, _) in callers.items():
                        seconds[caller] += part
        return seconds


def room(place: _Place) -> str:
    """Whose a function is."""
    file = Path(place[0])
    if file.is_relative_to(_ROOMS):
        first = file.relative_to(_ROOMS).parts[0]
        return f"screener.{first.removesuffix('.py')}"
    if file.is_relative_to(_PACKAGES):
        return file.relative_to(_PACKAGES).parts[0]
    return (
        f"python: {file.relative_to(_LIBRARY).parts[0].removesuffix('.py')}"
        if file.is_relative_to(_LIBRARY)
        else "python: built in"
    )


class Run:
    """The hop in this process, and who sends to it."""

    def __init__(self, cell: Cell, messages: int, place: Path, profiles: Profiles | None) -> None:
        self._cell, self._messages, self._place, self._profiles = cell, messages, place, profiles
        self._port, self._next_port, metrics_port = free_port(), free_port(), free_port()
        pair = certificate(place, "localhost")
        self._config = load(set_up(place, self._port, self._next_port, metrics_port, pair.certificate, pair.key))
        self._failure: BaseException | None = None
        self.seconds = self.children = 0.0  # CPU of this process, of the screening processes, for all messages

    def __call__(self) -> None:
        """Serve until everything has arrived; raises what went wrong."""
        greeted = threading.Event()
        sink = Sink(self._next_port, self._place)
        sink.start()
        sender = threading.Thread(target=self._guarded, args=(greeted, sink))
        sender.start()
        close_log = log.setup("json", "info", self._config.log.file)
        if self._profiles is not None:
            self._profiles.begin()
        try:
            asyncio.run(serve(self._config, lambda _line: greeted.set()))
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
            greeted.set()
            sender.join()
            close_log()
            sink.stop()
        if self._failure is not None:
            raise self._failure

    def _guarded(self, greeted: threading.Event, sink: Sink) -> None:
        try:
            greeted.wait()
            self._send(sink, self._cell.first * 2)
            if self._profiles is not None:
                self._profiles.clear()
            begun, children = resource.getrusage(resource.RUSAGE_SELF), _screening()
            own = time.thread_time()
            self._send(sink, self._messages)
            ended = resource.getrusage(resource.RUSAGE_SELF)
            self.seconds = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime - (time.thread_time() - own)
            self.children = _screening() - children
        except BaseException as error:  # noqa: BLE001  # told by who waits
            self._failure = error
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def _send(self, sink: Sink, count: int) -> None:
        before = sink.count()
        source = Source(self._cell, count, self._port, self._place)
        sink.wait_for(before + count, 120, source.failed)
        source.finish()
        sink.quiet(0.3)


def _screening() -> float:
    """Seconds of CPU of the children that still live, and of theirs."""
    total = 0.0
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"smtp-s" not in command:
                total += int(Path(f"/proc/{child}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    return total


def main() -> None:
    """Without profile and with it, then the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", nargs="?", choices="SML", default="S")
    parser.add_argument("--reuse", action="store_true")
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="one line for programs instead of the table")
    given = parser.parse_args()
    stand_alone()
    cell = Cell(given.size, given.sessions, given.reuse)
    runs = []
    profiles = Profiles()
    for each in (None, profiles):
        with folder() as place:
            runs.append(Run(cell, given.messages, place, each))
            runs[-1]()
    plain, _ = runs
    charged = profiles.charged()
    real = 1000 * plain.seconds / given.messages
    scale = real / sum(charged.values())
    if given.json:
        print(json.dumps({"cell": str(cell), "ms": real, "rooms": _rooms(charged, scale)}))  # noqa: T201
        return
    _table(cell, plain, given.messages, charged, scale, given.top)


def _rooms(charged: dict[_Place, float], scale: float) -> dict[str, float]:
    rooms: defaultdict[str, float] = defaultdict(float)
    for place, seconds in charged.items():
        rooms[room(place)] += seconds * scale
    return dict(sorted(rooms.items(), key=lambda one: -one[1]))


def _table(cell: Cell, plain: Run, messages: int, charged: dict[_Place, float], scale: float, top: int) -> None:
    width = min(shutil.get_terminal_size((132, 24)).columns, 132)
    lines = [
        f"{cell}: {1000 * plain.seconds / messages:.3f} ms CPU a message in the service, "
        f"{1000 * plain.children / messages:.3f} in screening processes ({messages} messages)",
        "",
        "by room, ms a message",
        *(f"  {ms:7.4f}  {name}" for name, ms in _rooms(charged, scale).items() if ms >= 0.0005),
        "",
        f"by function (the {top} dearest)",
    ]
    for place, seconds in sorted(charged.items(), key=lambda one: -one[1])[:top]:
        file = place[0].replace(f"{_ROOMS.parent}/", "").replace(f"{_PACKAGES}/", "").replace(f"{_LIBRARY}/", "python:")
        lines.append(f"  {seconds * scale:7.4f}  {file}:{place[1]} {place[2]}"[:width])
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
