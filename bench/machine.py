"""What the figures were taken on, and how fast it is just now."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

BUSY = 0.5  # load from which whoever reads the figures is told
_WORK = 3000


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, as far as it matters."""

    processor: str
    cores: int
    memory: int  # octets
    system: str


def machine() -> Machine:
    """This one."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(model, os.cpu_count() or 1, memory, f"Linux {platform.release()}")


def load() -> float:
    """How many others want to run, averaged over a minute."""
    return os.getloadavg()[0]


@dataclass(frozen=True, slots=True)
class Taken:
    """When and where figures were taken, and how busy the machine was before."""

    begun: float  # seconds since the epoch
    load: float
    machine: Machine

    @classmethod
    def now(cls) -> Self:
        """Call it before anything is measured."""
        return cls(time.time(), load(), machine())

    def day(self) -> str:
        """When it was taken, and whether the machine was busy then."""
        busy = f", at a load of {self.load:.2f}" if self.load > BUSY else ""
        return f"taken {time.strftime('%Y-%m-%d', time.gmtime(self.begun))}{busy}"

    def __str__(self) -> str:
        here = self.machine
        begun = time.strftime("%Y-%m-%d %H:%M", time.gmtime(self.begun))
        where = f"Taken {begun} UTC on {here.cores} cores of {here.processor}, {here.memory / 2**30:.0f} GiB, {here.system}."
        if self.load > BUSY:
            return f"{where} **The machine was busy with other work: load {self.load:.2f} before it began.**"
        return f"{where} Load before it began: {self.load:.2f}."


def yardstick() -> float:
    """Milliseconds of CPU for a piece of work that never changes, the best of some: more when others share core and caches."""
    return min(_once() for _ in range(15))


def _once() -> float:
    begun = time.process_time()
    counted: dict[bytes, int] = {}
    text = b"MAIL FROM:<sender@bench.example.net> SIZE=4133\r\n" * 4
    for number in range(_WORK):
        for word in text.split():
            counted[word] = counted.get(word, 0) + number
    return 1000 * (time.process_time() - begun)
