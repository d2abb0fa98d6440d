"""What the series of figures may be labelled with: closed sets, what the configuration names, and the rules in force."""

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from screener.frozen import dataclass
from screener.mail.verdict import Action

ACTIONS: Final = tuple(action.value for action in Action)
CONNECTIONS: Final = ("accepted", "too_many", "too_many_client", "refused")
REFUSALS: Final = (
    *("relay", "unknown_user", "rule", "size", "grammar", "sequence", "limit", "loop", "line_ends", "tls"),  # 5yz
    *("recipients", "space", "screening", "ruleset", "store", "stopping", "timeout"),  # 4yz: the client comes again
)
PLACES: Final = ("inline", "process")
OUTCOMES: Final = ("delivered", "deferred", "failed", "doubtful")
REPORTS: Final = ("delay", "failure", "success")
REPLACED: Final = ("died", "timeout", "nonsense")


@dataclass(frozen=True, slots=True)
class Known:
    """What the configuration names: the possible labels, and limits shown beside what they limit (0: unknown)."""

    listeners: tuple[str, ...] = ()
    next_hops: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by route
    processes: int = 0  # screening processes there should be
    connections: int = 0  # at once, in all
    hold_octets: int = 0
    free_floor: int = 0  # octets free on the store's disk below which new mail is refused
    listed: tuple[str, ...] = ()  # domains with a list of recipients


@dataclass(frozen=True, slots=True)
class RuleLabels:
    """One rule in force: its name, its action ("" for a rule with only `also`) and whether it only observes."""

    rule: str
    action: str = ""
    observed: bool = False
