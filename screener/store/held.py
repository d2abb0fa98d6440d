"""How much is held, known at every moment, so that hold is full at the mail that would exceed it and not some time later.

Counted in the store now and then, since people release and discard in processes of their own, and reckoned up in between. Never
less than what is held by way of `take`; for a moment a mail may stand twice in the figure, which the next count puts right.
"""


class HeldOctets:
    """Octets of content that are held. Belongs to one thread."""

    def __init__(self, limit: int) -> None:
        """`limit` is in octets."""
        self._limit = limit
        self._counted = 0
        self._taken = 0  # octets of all mails let in, whether durable yet or not
        self._kept = 0  # octets of those that are durable
        self._at_count = 0  # of these, what the last count has surely seen
        self._wanted = 1  # octets of the mail that had no room last

    @property
    def octets(self) -> int:
        """What is held, with the mails that are just being kept."""
        return self._counted + self._taken - self._at_count

    @property
    def is_full(self) -> bool:
        """Whether the mail that had no room last would have none now either; before there was one: whether nothing has."""
        return self.octets > 0 and self.octets + self._wanted > self._limit

    def take(self, size: int) -> bool:
        """Let in a mail that is to be held; False: there is no room. An empty hold has room for any one mail, else it could
        never come in. What was let in ends with `kept` or `give_back`."""
        if self.octets and self.octets + size > self._limit:
            self._wanted = max(1, size)
            return False
        self._taken += size
        self._wanted = 1
        return True

    def kept(self, size: int) -> None:
        """A mail that was let in is durable."""
        self._kept += size

    def give_back(self, size: int) -> None:
        """A mail that was let in could not be kept."""
        self._taken -= size

    def begin_count(self) -> int:
        """Called before the store is asked; what to give to `count`."""
        return self._kept

    def count(self, octets: int, begun: int) -> None:
        """What the store has told; `begun` is from before it was asked."""
        self._counted = octets
        self._at_count = begun
