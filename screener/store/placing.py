"""The content of new mail: put where it belongs before the transaction, and what is left of it where nobody needs it after that."""

from dataclasses import replace

from screener.store.bodies import BIG_BODY, Bodies
from screener.store.changes import Change
from screener.store.errors import StoreError, StoreFull, StoreRefused
from screener.store.records import Keep


def placed(change: Change, bodies: Bodies) -> Change:
    """The change, of new mail with a big content in its file. Raises StoreFull, StoreRefused, StoreUnavailable."""
    if not isinstance(change, Keep):
        return change
    if not bodies.takes_new_mail():
        raise StoreFull("the disk that holds the store is full: what was held back goes to delivery and release")
    content = change.mail.content
    if content.path:
        if content.path != str(bodies.path(change.mail.id)):
            raise StoreRefused(f"the content of mail {change.mail.id} lies in {content.path}: expected it where `create` puts it")
        return change
    if content.size < BIG_BODY or not change.needs_content:
        return change
    file = bodies.create(change.mail.id)
    try:
        file.write(memoryview(content.octets))
        written = file.finish(content.defects)
    except StoreError:
        file.abandon()
        raise
    return replace(change, mail=replace(change.mail, content=written))


def file_left(made: Change, asked: Change, result: Exception | None) -> str:
    """The mail whose file is not needed: nobody was to get it, or it was made by `placed` for a mail that could not be kept. ""
    for none.

    A file that came with a mail that could not be kept is its maker's (`BodyFile.abandon`).
    """
    if not isinstance(made, Keep) or not made.mail.content.path:
        return ""
    unneeded = not made.needs_content if result is None else made is not asked
    return made.mail.id if unneeded else ""
