"""What is freed stays: the next mail finds its pages."""

import subprocess
import sys

import pytest

PROGRAM = """
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


@pytest.mark.parametrize("keeps", [True, False])
def test_pages_of_big_mail_are_paid_for_once(keeps: bool) -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM.format(keeps=keeps)], capture_output=True, text=True, check=True)
    assert (int(run.stdout) < 8_000) is keeps  # all of it has 4,150 pages
