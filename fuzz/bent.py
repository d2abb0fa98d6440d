"""One target on seeds that are bent at random, without looking where it leads: three times as many inputs a minute as `run.py`.

    .venv/bin/python fuzz/bent.py message --minutes 10 [--from 0]

Inputs are numbered: the same number, target and seeds make the same input. What `run.py` has learned is bent, too, where it ran. A
finding is written to build/fuzz/<target>/findings, told with its number, and ends the run with a code other than 0; it is run
again with `run.py TARGET --again FILE`.
"""

import argparse
import random
import signal
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fuzz import targets  # noqa: E402  # the paths above come first
from fuzz.seeds import LONGEST, seeds  # noqa: E402

_TOO_LONG = 20  # seconds for one input, when something hangs
_BENDS = 8  # at most, to one input
_TOKENS = (
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b";", b'"', b"=", b"--", b"\xff", b"\xef\xbb\xbf", b"\x80", b"<", b">", b"&"),
    *(b"Content-Type: ", b"multipart/mixed; boundary=", b"base64", b"=?utf-8?q?", b"?=", b"name*0*=", b"begin 644 a.exe\n"),
    *(b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"obj", b"endstream", b"{\\rt", b"\xd0\xcf\x11\xe0", b"MZ", b"<?xml", b"<!--"),
    *(b"9" * 5, b"9" * 12, b"9" * 20, b"9" * 5_000, b"-1", b"0" * 20 + b"7"),  # more than offsets and numbers can be
)


def bent(pool: list[bytes], target: str, number: int) -> bytes:
    """The input of this number."""
    chance = random.Random(f"{target} {number}")
    octets = bytearray(chance.choice(pool))
    for _ in range(chance.randint(1, _BENDS)):
        at = chance.randint(0, len(octets))
        size = int(chance.paretovariate(0.7))
        match chance.randrange(7):
            case 0:
                octets[at : at + 1] = bytes((chance.randrange(256),))
            case 1:
                octets[at:at] = chance.choice(_TOKENS)
            case 2:
                del octets[at : at + size]
            case 3:
                octets[at:at] = octets[at : at + size] * chance.randint(1, 4)
            case 4:
                other = chance.choice(pool)
                begin = chance.randint(0, len(other))
                octets[at : at + chance.choice((0, size))] = other[begin : begin + size]
            case 5:
                other = chance.choice(pool)
                octets[at:] = other[chance.randint(0, len(other)) :]
            case _:
                octets[at : at + 4] = chance.choice((0, 1, 0x7F, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF)).to_bytes(4, "little")
    return bytes(octets[: LONGEST[target]])


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=sorted(targets.TARGETS))
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the number of the first input")
    given = parser.parse_args()
    folder = ROOT / "build" / "fuzz" / given.target
    learned = sorted((folder / "seeds").glob("*")) if (folder / "seeds").is_dir() else []
    pool = [*seeds(given.target), *(path.read_bytes() for path in learned)]
    run, end, number = targets.TARGETS[given.target], time.monotonic() + given.minutes * 60, given.first
    signal.signal(signal.SIGALRM, _hangs)
    while time.monotonic() < end:
        octets = bent(pool, given.target, number)
        signal.alarm(_TOO_LONG)
        try:
            run(octets)
        except Exception:  # noqa: BLE001 whatever it is, it is a finding
            signal.alarm(0)
            traceback.print_exc()
            (folder / "findings").mkdir(parents=True, exist_ok=True)
            (folder / "findings" / f"bent-{number}").write_bytes(octets)
            sys.exit(f"input {number} of {given.target}: kept in {folder / 'findings'}")
        number += 1
    signal.alarm(0)
    print(f"{given.target}: inputs {given.first} to {number - 1} without a finding, of {len(pool)} seeds")  # noqa: T201


def _hangs(_number: int, _frame: object) -> None:
    raise targets.Broken(f"longer than {_TOO_LONG} s")


if __name__ == "__main__":
    main()
