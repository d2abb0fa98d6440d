"""Making changes mail by mail, and telling of each what came of it."""

from collections.abc import Callable, Mapping, Sequence

import click

from screener.cli.opened import Opened
from screener.cli.plain import plain
from screener.cli.program import NotDone
from screener.quarantine import Copy
from screener.store.changes import Change

AT_ONCE = 500  # changes in one transaction, so that the service never waits long for its turn


def make_and_tell(
    here: Opened,
    mails: Mapping[str, Sequence[Copy]],
    changes: Sequence[Change],
    done: str | Callable[[Copy], str],
    left: Sequence[str] = (),
) -> None:
    """Make one change for each mail and print a line for each recipient: what was `done`.

    Raises NotDone when one could not be made, or when `left` has lines about what was not even tried.
    """
    failures: list[str] = []
    groups = list(mails.items())
    for start in range(0, len(groups), AT_ONCE):
        batch = changes[start : start + AT_ONCE]
        for (mail_id, group), error in zip(groups[start : start + AT_ONCE], here.make(batch), strict=True):
            if error is not None:
                failures.append(f"{mail_id}: {error}")
                continue
            for one in group:
                what = done if isinstance(done, str) else done(one)
                click.echo(plain(f"{mail_id} for {one.entry.recipient.address}: {what}{_rules(one)}"))
    if failures or left:
        raise NotDone("\n".join((*failures, *left)))


def _rules(one: Copy) -> str:
    """Every rule that matched, the deciding one first: whoever releases sees them all."""
    verdict = one.entry.verdict
    others = [hit.rule for hit in verdict.hits if hit.rule != verdict.rule and not hit.observed]
    also = f"; also matched: {', '.join(others)}" if others else ""
    return f" (rule {verdict.rule}{also})" if verdict.rule else ""
