"""Both ends of a system: who sends, and the sink that counts. Postfix's smtp-source and smtp-sink; for TLS our own.

The sink's count is the clock: it is written to a file, of which only the end is read, so that counting costs next to nothing.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fakes.certificate import Certificate
from fakes.waiting import listening, until

from bench.cells import Cell
from bench.letters import RECIPIENT, SENDER, letter

_COUNT = re.compile(rb"mesg=(\d+)")


class SendingFailed(Exception):
    """The system did not take what was sent, or lost it."""


class Sink:
    """Takes everything on a port and counts it."""

    def __init__(self, port: int, folder: Path, certificate: Certificate | None = None) -> None:
        self._port = port
        self._counter = folder / f"sink-{port}"
        self._certificate = certificate
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, at zero."""
        with self._counter.open("wb") as counter:
            self._process = subprocess.Popen(self._command(f"127.0.0.1:{self._port}"), stdin=subprocess.DEVNULL, stdout=counter)
        until(self._there, f"the sink listens on port {self._port}")

    def _command(self, address: str) -> list[str]:
        if (tls := self._certificate) is not None:
            return [sys.executable, "-m", "bench.tls_sink", address, str(tls.certificate), str(tls.key)]
        return ["smtp-sink", "-u", "nobody", "-c", "-m", "1000", address, "1024"]

    def _there(self) -> bool:
        assert self._process is not None and self._process.poll() is None, "the sink ended at once"
        return listening(self._port)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def count(self) -> int:
        """How many messages have come."""
        with self._counter.open("rb") as counter:
            counter.seek(max(0, counter.seek(0, 2) - 200))
            found = _COUNT.findall(counter.read())
        return int(found[-1]) if found else 0

    def wait_for(self, count: int, seconds: float, failed: Callable[[], bool] = lambda: False) -> float | None:
        """The moment (time.monotonic) the count was reached; None when time was up or `failed()`."""
        end = time.monotonic() + seconds
        while self.count() < count:
            if time.monotonic() > end or failed():
                return None
            time.sleep(0.002)
        return time.monotonic()

    def quiet(self, seconds: float = 0.7, limit: float = 60.0) -> int:
        """The count once it has not changed for so long; raises SendingFailed when it never rests."""
        end = time.monotonic() + limit
        count, since = self.count(), time.monotonic()
        while time.monotonic() - since < seconds:
            if time.monotonic() > end:
                raise SendingFailed(f"after {limit:g} s mail still arrives at the sink")
            time.sleep(0.05)
            if (now := self.count()) != count:
                count, since = now, time.monotonic()
        return count


class OrderSink(Sink):
    """Takes what bench.queued made, and keeps in which order it came."""

    def _command(self, address: str) -> list[str]:
        return [sys.executable, "-m", "bench.order_sink", address]

    def arrived(self) -> list[tuple[int, float]]:
        """Number of the mail and moment, in the order of arrival."""
        return [
            (int(number), float(moment))
            for _, number, moment in map(str.split, self._counter.read_text(encoding="ascii").splitlines())
        ]


class Source:
    """Sends so many letters to a port; with a rate, so many a second, and it knows then how long each took to be accepted."""

    def __init__(self, cell: Cell, count: int, port: int, folder: Path, *, rate: float = 0.0) -> None:
        self._errors = folder / f"source-{port}"
        content = folder / f"letter-{cell.size}"
        if not content.exists():
            content.write_bytes(letter(cell.size))
        way = [
            "-s",
            str(cell.sessions),
            "-m",
            str(count),
            "-r",
            str(cell.recipients),
            "-f",
            SENDER,
            "-t",
            RECIPIENT,
            "-F",
            str(content),
        ]
        program = ["smtp-source", "-M", "client.bench.example.net"]
        if cell.tls or rate:
            program = [sys.executable, "-m", "bench.tls_source", "--rate", str(rate), *([] if cell.tls else ["--plain"])]
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [*program, *(["-d"] if cell.reuse else []), *way, f"127.0.0.1:{port}"],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )

    def said(self) -> dict[str, float]:
        """What the pacing source found; call it after `finish`."""
        found = json.loads(self._errors.read_text(encoding="utf-8").splitlines()[-1])
        return {str(name): float(value) for name, value in found.items()}

    def failed(self) -> bool:
        """Whether it has given up."""
        return self._process.poll() not in (None, 0)

    def finish(self) -> None:
        """Wait for its end; raises SendingFailed with what it says when it gave up."""
        try:
            status = self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.stop()
            raise SendingFailed("the source does not end although all has arrived") from None
        if status != 0:
            raise SendingFailed(f"the source gave up: {self._errors.read_text(errors='replace').strip()[-500:]}")

    def stop(self) -> None:
        """End it, whatever is left to send."""
        self._process.kill()
        self._process.wait()
