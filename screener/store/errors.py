"""What can go wrong in the store, as those above need to tell it apart."""


class StoreError(Exception):
    """Anything the store refuses or cannot do; the message is for people."""


class StoreUnavailable(StoreError):
    """Not now: disk full, input or output error, database busy. Nothing of the change was kept; try again later."""


class StoreFull(StoreUnavailable):
    """The disk has no room for this."""


class BodyUnavailable(StoreUnavailable):
    """The file of this mail's content cannot be read now; other mail is not concerned."""


class StoreDamaged(StoreUnavailable):
    """The database cannot be trusted; mail is deferred until `screener store recover` was run."""


class StoreRefused(StoreError):
    """A change that can never be made: a second mail with the same id, an id that is no id, an illegal value."""


class UnknownMail(StoreRefused):
    """There is no such mail, or no such recipient of it."""


class WrongState(StoreRefused):
    """The recipient is not in a state from which this change leads anywhere."""


class MissingBody(StoreError):
    """The content of a mail is not there any more, or not whole."""
