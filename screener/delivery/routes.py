"""Which route a recipient takes, and which next hop of a route is tried: in order, with a memory of those that did not answer.

Pure: the time is an argument, nothing is connected. A next hop that failed is down and left alone for a pause that doubles; then
one mail may try it, while all others go elsewhere or wait. What a change means for the queue is `queue`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from screener.config.hostport import HostPort
from screener.config.models import Config
from screener.mail.address import Address

FIRST_PAUSE = 1.0  # seconds a next hop is left alone after its first failure
LAST_PAUSE = 60.0  # the pause doubles up to this
DROPS = 5  # transactions that broke off one after the other before a next hop that does answer counts as down


def route_for(config: Config, address: Address) -> str | None:
    """The name of the route for a recipient, or for a sender that is to be told; None: there is none."""
    return config.route_of(address.domain or config.hostname)


@dataclass(slots=True)
class _Health:
    """What is remembered of one next hop."""

    failures: int = 0  # in a row, since it last worked
    drops: int = 0
    retry_at: float = 0.0  # while it is down: when it may be tried again
    being_tried: bool = False  # while it is down: a mail is trying it
    why: str = ""


class NextHops:
    """The next hops of one route in order of preference, with their health."""

    def __init__(self, hops: Sequence[HostPort], first_pause: float = FIRST_PAUSE, last_pause: float = LAST_PAUSE) -> None:
        self._health = {hop: _Health() for hop in hops}
        self._first_pause, self._last_pause = first_pause, last_pause

    @property
    def all_down(self) -> bool:
        """Whether no next hop is known to work."""
        return all(health.failures for health in self._health.values())

    @property
    def why(self) -> str:
        """Why none is, for people."""
        return "; ".join(f"{hop}: {health.why}" for hop, health in self._health.items() if health.failures)

    def candidates(self, now: float) -> list[HostPort]:
        """Whom to try now, in this order; one that is down only when its pause is over and nobody else is trying it."""
        return [
            hop
            for hop, health in self._health.items()
            if not health.failures or (self._is_over(health, now) and not health.being_tried)
        ]

    def _is_over(self, health: _Health, now: float) -> bool:
        """Whether its pause is; one that is longer than the longest began before the clock was set back."""
        return not now < health.retry_at <= now + self._last_pause

    def try_again_at(self, now: float) -> float | None:
        """When the first of the next hops that are down may be tried; None when one is being tried or none is down."""
        down = [health for health in self._health.values() if health.failures and not health.being_tried]
        times = [now if self._is_over(health, now) else health.retry_at for health in down]
        return min(times) if times else None

    def begin(self, hop: HostPort) -> None:
        """It is being tried."""
        if self._health[hop].failures:
            self._health[hop].being_tried = True

    def end(self, hop: HostPort) -> None:
        """The attempt ended, however it did: nobody is trying it."""
        self._health[hop].being_tried = False

    def worked(self, hop: HostPort) -> bool:
        """It answered as a next hop should; returns whether it was down."""
        health = self._health[hop]
        was_down = health.failures > 0
        health.failures = health.drops = 0
        health.being_tried = False
        return was_down

    def failed(self, hop: HostPort, now: float, why: str) -> bool:
        """It could not be used; returns whether that is news."""
        health = self._health[hop]
        health.being_tried = False
        health.why = why
        if health.failures and not self._is_over(health, now):
            return False  # an attempt that began before it was known to be down
        health.failures += 1
        health.retry_at = now + min(self._first_pause * 2 ** min(health.failures - 1, 30), self._last_pause)
        return health.failures == 1

    def dropped(self, hop: HostPort) -> bool:
        """It answered, then broke off within a transaction; returns whether to take that for a failure of its own: the mail may be
        to blame, unless it happens again and again, or the next hop was down before."""
        health = self._health[hop]
        health.drops += 1
        return health.failures > 0 or health.drops >= DROPS
