"""What the conditions on one file have in common."""

from collections.abc import Iterable
from typing import TypeVar

from screener.anatomy.message import Attachment
from screener.frozen import dataclass
from screener.policy.look import Look
from screener.policy.signs import PRESENT, Facet, Shown
from screener.policy.truth import Keyed

COST = 8  # of looking for files


class OfFile(Keyed[Attachment]):
    """One key of the block."""

    __slots__ = ()

    @property
    def cost(self) -> int:
        return COST


@dataclass(frozen=True, slots=True)
class AnyFile(Facet):
    """That there is one."""

    @property
    def cost(self) -> int:
        return COST

    def shown(self, look: Look, _of: object) -> Shown:
        if look.anatomy is None:
            return None
        return (PRESENT,) if look.anatomy.attachments else ()


def shown_name(of: Attachment) -> str:
    """The name a person would call the file by."""
    return of.names[0] if of.names else f"an unnamed file ({of.declared_type or 'no type'})"


Entry = TypeVar("Entry", bound=str)


def first_origins(values: Iterable[tuple[Entry, str]]) -> dict[Entry, str]:
    """Each value with the origin of its first entry."""
    origins: dict[Entry, str] = {}
    for value, origin in values:
        origins.setdefault(value, origin)
    return origins
