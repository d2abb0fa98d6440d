"""What is freed stays, in one heap: the next mail finds its pages."""

import subprocess
import sys

import pytest

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
