"""What is freed stays, in one heap: the next mail finds its pages."""

import subprocess
import sys
from pathlib import Path

import pytest

LARGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")

READING = """
import resource
from screener.heap import keep_what_is_freed
if {keeps}: assert keep_what_is_freed(), "the C library has no mallopt"
def faults(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def read(): # what is received, what is decoded of it, and what is unpacked
    mail = b"x" * 5_000_000, b"y" * 4_000_000, b"z" * 8_000_000
read()
read()
before = faults()
for number in range(20): read()
print(faults() - before)
"""
THREADS = """
import threading
from pathlib import Path
from screener.heap import keep_what_is_freed
if {keeps}: assert keep_what_is_freed(), "the C library has no mallopt"
together = threading.Barrier(4)
def work():
    kept = bytes(10_000)
    together.wait()
    del kept
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
ends = [line.split()[0].split("-") for line in Path("/proc/self/maps").read_text().splitlines()]
print(sum(int(start, 16) % 2**26 == 0 for start, _ in ends)) # heaps beside the first begin at multiples of 64 MiB
"""


@pytest.mark.parametrize("keeps", [True, False])
def test_pages_of_big_mail_are_paid_for_once(keeps: bool) -> None:
    run = subprocess.run([sys.executable, "-c", READING.format(keeps=keeps)], capture_output=True, text=True, check=True)
    assert (int(run.stdout) < 8_000) is keeps  # all of it has 4,150 pages


@pytest.mark.parametrize("keeps", [True, False])
def test_all_threads_have_one_heap(keeps: bool) -> None:
    run = subprocess.run([sys.executable, "-c", THREADS.format(keeps=keeps)], capture_output=True, text=True, check=True)
    assert (int(run.stdout) == 0) is keeps


LARGE = """
import re, threading
from pathlib import Path
from screener.heap import on_large_pages
def held(): # octets on large pages, and in all
    said = Path("/proc/self/smaps_rollup").read_text()
    return [int(re.search(name + r": +(\\d+) kB", said)[1]) * 1024 for name in ("AnonHugePages", "Rss")]
ended = threading.Event()
threads = [threading.Thread(target=ended.wait, daemon=True) for _ in range(16)] # with a stack each, hardly used
for thread in threads: thread.start()
rules = [str(number) for number in range(500_000)]
before = held()
asked = on_large_pages()
after = held()
ended.set()
print(asked, after[0] - before[0], after[1] - before[1])
"""


def test_what_is_held_lies_on_large_pages_and_stacks_do_not() -> None:
    run = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True)
    asked, on_large, more = map(int, run.stdout.split())
    assert asked > 12_000_000  # of some 30 MB: what lies in large pages whole
    if LARGE_PAGES.exists() and "[never]" not in LARGE_PAGES.read_text(encoding="ascii"):
        assert on_large > 6_000_000  # it can lie on them already, or the system has too few left
    assert more < 8_000_000
