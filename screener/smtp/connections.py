"""How many connections there are: in all, by client, by trusted front relay.

Pure counting. Front relays have limits of their own, so that strangers cannot shut them out, nor one of them all the others.
"""

from collections import Counter

from screener.config.models import Limits
from screener.mail.reply import Reply

TOO_MANY = Reply(421, "4.3.2", "Too many connections; try again later")
TOO_MANY_OF_CLIENT = Reply(421, "4.7.0", "Too many connections from your address; try again later")


class Connections:
    """The connections there are."""

    def __init__(self, limits: Limits, fronts: int) -> None:
        """`fronts`: how many connections all front relays together may have."""
        self._limits = limits
        self._fronts = fronts
        self._strangers = 0
        self._by_client: Counter[str] = Counter()
        self._by_front: Counter[str] = Counter()

    def enter(self, address: str, *, front: bool) -> Reply | None:
        """Count a connection, or say why there is no room for it; then nothing was counted."""
        if front:
            if self._by_front[address] >= self._limits.front_relay_connections:
                return TOO_MANY_OF_CLIENT
            if self._by_front.total() >= self._fronts:
                return TOO_MANY
            self._by_front[address] += 1
            return None
        if self._strangers >= self._limits.connections:
            return TOO_MANY
        if (refused := self.enter_behind_front(address)) is not None:
            return refused
        self._strangers += 1
        return None

    def leave(self, address: str, *, front: bool) -> None:
        """It is gone."""
        if front:
            _subtract(self._by_front, address)
        else:
            self._strangers -= 1
            _subtract(self._by_client, address)

    def enter_behind_front(self, address: str) -> Reply | None:
        """Count one of a client that a front relay speaks for (XCLIENT); the front relay's own connection is counted already."""
        if self._by_client[address] >= self._limits.connections_per_client:
            return TOO_MANY_OF_CLIENT
        self._by_client[address] += 1
        return None

    def leave_behind_front(self, address: str) -> None:
        """It is gone."""
        _subtract(self._by_client, address)


def _subtract(counter: Counter[str], address: str) -> None:
    left = counter[address] - 1
    if left > 0:
        counter[address] = left
    else:
        del counter[address]
