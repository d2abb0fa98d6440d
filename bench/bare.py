"""The program `screener` with parts of its work left out: for `bench.bounds`, and of no other use.

python -m bench.bare SCREENING STORE run --config FILE      each yes, or no: whether that work is done
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from screener.__main__ import main
from screener.anatomy.budget import Budget
from screener.mail.mail import Mail
from screener.mail.verdict import Facts, Screening, Verdict
from screener.policy.ruleset import RuleSet
from screener.screeners import inline
from screener.store.changes import Change
from screener.store.sqlite import SqliteStore

_PAGE = bytes(4096)


def forward(ruleset: RuleSet, mail: Mail, budget: Budget) -> Screening | None:
    """What is decided without a look at the mail."""
    del budget
    return Screening((Verdict(),) * len(mail.envelope.recipients), Facts(), ruleset.hash)


def only_wait(store: SqliteStore, changes: Sequence[Change]) -> list[Exception | None]:
    """Keep nothing, and take as long as the disk does for a page."""
    file = os.open(store.folder / "waited-for", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(file, _PAGE, 0)
        os.fdatasync(file)
    finally:
        os.close(file)
    return [None] * len(changes)


def program(*, screening: bool, store: bool) -> list[str | Path]:
    """How it is started."""
    return [sys.executable, "-m", "bench.bare", *("yes" if one else "no" for one in (screening, store))]


if __name__ == "__main__":
    _screening, _store = (sys.argv.pop(1) for _ in range(2))
    if _screening == "no":
        inline.screen = forward
    if _store == "no":
        SqliteStore.apply = only_wait  # type: ignore[method-assign, assignment]
    main()
