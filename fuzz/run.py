"""One target under atheris, for so many minutes, seeded from the corpus and from the ways to hide content.

    .venv/bin/python fuzz/run.py message --minutes 10

Findings are written to build/fuzz/<target>/findings and end the run with a code other than 0; what it learned stays in
build/fuzz/<target>/seeds. A finding is run again with `--again FILE`.
"""

import argparse
import resource
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import atheris  # noqa: E402  # the paths above come first

with atheris.instrument_imports(include=["screener.anatomy"]):
    from fuzz import targets

from fuzz.seeds import LONGEST, seeds  # noqa: E402

_MEMORY = 1536 * 1024 * 1024


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=sorted(targets.TARGETS))
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--again", type=Path, help="run the target on this file only")
    given = parser.parse_args()
    run = targets.TARGETS[given.target]
    if given.again is not None:
        run(given.again.read_bytes())
        return
    folder = ROOT / "build" / "fuzz" / given.target
    learned, findings = folder / "seeds", folder / "findings"
    for one in (learned, findings):
        one.mkdir(parents=True, exist_ok=True)
    for number, octets in enumerate(seeds(given.target)):
        (learned / f"seed-{number:05}").write_bytes(octets)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY * 2, _MEMORY * 2))
    options = [
        sys.argv[0],
        f"-max_total_time={int(given.minutes * 60)}",
        f"-max_len={LONGEST[given.target]}",
        f"-artifact_prefix={findings}/",
        f"-rss_limit_mb={_MEMORY // 1024 // 1024}",
        "-timeout=20",
        "-print_final_stats=1",
        "-verbosity=1",
        str(learned),
    ]
    atheris.Setup(options, run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
