"""CPU of our hop by room and by function: where the time of one message goes.

    make bench-profile [LETTER="S --reuse"]
    python -m bench.profile [S|M|L] [--reuse] [--sessions 10] [--messages 6000] [--top 40] [--json]

The service runs in this process and is sampled after every few milliseconds of its CPU time: each sample carries the CPU time
that a thread has used since the one before, and goes to the function the thread is in. So nothing is dearer for being looked at,
waiting weighs nothing, and what C code takes is its Python caller's. Functions that give the interpreter up (system calls, the
automaton, SQLite) look dearer than they are, because a sample that falls to another thread finds this one waiting there.
Screening processes are children and are only summed up.
"""

import argparse
import asyncio
import json
import signal
import sys
import sysconfig
import threading
import time
from collections import defaultdict
from os import getpid, kill
from pathlib import Path
from types import FrameType

from fakes.certificate import certificate
from fakes.namespace import free_port

import screener
from bench.alone import folder, stand_alone
from bench.cells import Cell
from bench.systems.hop import set_up
from bench.traffic import Sink, Source
from screener import log
from screener.config.file import load
from screener.service import serve

EVERY = 0.002  # seconds of CPU between samples
_ROOMS = Path(screener.__file__).parent
_PACKAGES = Path(sysconfig.get_paths()["purelib"])
_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
_Place = tuple[str, int, str]  # file, first line, function


class Samples:
    """Seconds of CPU by function (`own`), by function with all it calls (`whole`)."""

    def __init__(self) -> None:
        self.own: defaultdict[_Place, float] = defaultdict(float)
        self.whole: defaultdict[_Place, float] = defaultdict(float)
        self._threads: defaultdict[int, float] = defaultdict(float)
        self.without: set[int] = set()  # threads that are none of the hop's
        self.on = False
        self._used: dict[int, float] = {}

    def begin(self) -> None:
        """Look from now on; call it in the main thread."""
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def end(self) -> None:
        """Look no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def threads(self, names: dict[int, str]) -> dict[str, float]:
        """Seconds of CPU by thread."""
        named = defaultdict[str, float](float)
        for ident, seconds in self._threads.items():
            named[names.get(ident, "threads that have ended")] += seconds
        return named

    def _look(self, _number: int, here: FrameType | None) -> None:
        # Nothing here may take a lock: the main thread, which we have interrupted, may be holding it. So no threading.enumerate().
        main = threading.main_thread().ident
        for ident, frame in sys._current_frames().items():
            if ident in self.without:
                continue
            used = time.clock_gettime(time.pthread_getcpuclockid(ident))
            weight = used - self._used.get(ident, used)
            self._used[ident] = used
            if self.on and weight > 0:
                self._threads[ident] += weight
                self._charge(here if ident == main else frame, weight)
        self._used[threading.get_ident()] = time.thread_time()  # what looking costs is nobody's

    def _charge(self, frame: FrameType | None, weight: float) -> None:
        if frame is None:
            return
        self.own[_place(frame)] += weight
        seen = set[_Place]()
        while frame is not None:
            seen.add(_place(frame))
            frame = frame.f_back
        for place in seen:
            self.whole[place] += weight


def _place(frame: FrameType) -> _Place:
    code = frame.f_code
    return code.co_filename, code.co_firstlineno, code.co_qualname


def room(place: _Place) -> str:
    """Whose a function is."""
    file = Path(place[0])
    for folder_of, lead in ((_ROOMS, "screener."), (_PACKAGES, ""), (_LIBRARY, "python: ")):
        if file.is_relative_to(folder_of):
            return lead + file.relative_to(folder_of).parts[0].removesuffix(".py")
    return "python: built in"


class Run:
    """The hop in this process, and who sends to it."""

    def __init__(self, cell: Cell, messages: int, place: Path, samples: Samples) -> None:
        self._cell, self._messages, self._place, self._samples = cell, messages, place, samples
        self._port, self._next_port, metrics_port = free_port(), free_port(), free_port()
        pair = certificate(place, "localhost")
        self._config = load(set_up(place, self._port, self._next_port, metrics_port, pair.certificate, pair.key))
        self._failure: BaseException | None = None
        self.seconds = self.children = 0.0  # CPU of this process, of the screening processes, for all messages
        self.names: dict[int, str] = {}  # of the threads

    def __call__(self) -> None:
        """Serve until everything has arrived; raises what went wrong."""
        greeted = threading.Event()
        sink = Sink(self._next_port, self._place)
        sink.start()
        sender = threading.Thread(target=self._guarded, args=(greeted, sink), daemon=True)
        sender.start()
        assert sender.ident is not None
        self._samples.without.add(sender.ident)
        close_log = log.setup("json", "info", self._config.log.file)
        self._samples.begin()
        try:
            asyncio.run(serve(self._config, lambda _line: greeted.set()))
        finally:
            self._samples.end()
            greeted.set()
            sender.join()
            close_log()
            sink.stop()
        if self._failure is not None:
            raise self._failure

    def _guarded(self, greeted: threading.Event, sink: Sink) -> None:
        """Warm up, send, end the service."""
        try:
            greeted.wait()
            self._send(sink, self._cell.first * 2)
            used, children = time.process_time() - time.thread_time(), _screening()
            self._samples.on = True
            self._send(sink, self._messages)
            self._samples.on = False
            self.seconds = time.process_time() - time.thread_time() - used
            self.children = _screening() - children
            self.names = {thread.ident: thread.name for thread in threading.enumerate() if thread.ident is not None}
        except BaseException as error:  # noqa: BLE001  # told by who waits
            self._failure = error
        finally:
            self._samples.end()  # before the loop closes: a signal would look for its wake-up
            kill(getpid(), signal.SIGTERM)

    def _send(self, sink: Sink, count: int) -> None:
        before = sink.count()
        source = Source(self._cell, count, self._port, self._place)
        sink.wait_for(before + count, 120, source.failed)
        source.finish()
        sink.quiet(0.3)


def _screening() -> float:
    """Seconds of CPU of the screening processes: our children that are neither source nor sink."""
    total = 0.0
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            if b"smtp-s" not in Path(f"/proc/{child}/cmdline").read_bytes():
                total += int(Path(f"/proc/{child}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    return total


def main() -> None:
    """Run, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", nargs="?", choices="SML", default="S")
    parser.add_argument("--reuse", action="store_true")
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="one line for programs instead of the tables")
    given = parser.parse_args()
    stand_alone()
    cell, samples = Cell(given.size, given.sessions, given.reuse), Samples()
    with folder() as place:
        run = Run(cell, given.messages, place, samples)
        run()
    per = 1000 / given.messages
    rooms = defaultdict[str, float](float)
    for function, seconds in samples.own.items():
        rooms[room(function)] += seconds
    whole = {"cell": str(cell), "service_ms": run.seconds * per, "screening_ms": run.children * per}
    if given.json:
        print(json.dumps({**whole, "rooms_ms": {name: seconds * per for name, seconds in rooms.items()}}))  # noqa: T201
        return
    lines = [
        f"{cell}: {run.seconds * per:.3f} ms CPU a message in the service, {run.children * per:.3f} in screening processes",
        *_table("by room", rooms, per),
        *_table("by thread", samples.threads(run.names), per),
        *_table(f"by function, the {given.top} dearest", _top(samples.own, given.top), per),
        *_table(f"by function with all it calls, the {given.top} dearest of ours", _top(_ours(samples.whole), given.top), per),
    ]
    print("\n".join(lines))  # noqa: T201


def _table(title: str, seconds: dict[str, float], per: float) -> list[str]:
    ranked = sorted(seconds.items(), key=lambda one: -one[1])
    return ["", f"{title}, ms a message", *(f"  {value * per:7.4f}  {name}" for name, value in ranked if value * per >= 0.0005)]


def _ours(seconds: dict[_Place, float]) -> dict[_Place, float]:
    return {place: value for place, value in seconds.items() if room(place).startswith("screener.")}


def _top(seconds: dict[_Place, float], count: int) -> dict[str, float]:
    """The dearest, by a name for people."""
    named = {}
    for (file, line, function), value in sorted(seconds.items(), key=lambda one: -one[1])[:count]:
        short = file.replace(f"{_ROOMS.parent}/", "").replace(f"{_PACKAGES}/", "").replace(f"{_LIBRARY}/", "python:")
        named[f"{short}:{line} {function}"] = value
    return named


if __name__ == "__main__":
    main()
