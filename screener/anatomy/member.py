"""What lies in a container: names, size, whether it is encrypted, and its octets when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field


def _nothing(_limit: int) -> bytes:
    return b""


@dataclass(frozen=True, slots=True)
class Member:
    """One member. `read(limit)` gives its first octets, at most `limit`; b"" where that cannot be done."""

    names: tuple[str, ...]
    size: int  # unpacked octets, as declared
    encrypted: bool = False
    packed: int = 0  # octets it takes in the container; 0 where that is unknown
    read: Callable[[int], bytes] = field(default=_nothing, compare=False)
    last: Callable[[int], bytes] = field(default=_nothing, compare=False)  # its last octets, where they can be had alone


@dataclass(frozen=True, slots=True)
class Listing:
    """The members of a container; `encrypted` where its very list is; `type` where the members tell the container's type better."""

    members: tuple[Member, ...] = ()
    encrypted: bool = False
    type: str = ""
    macros: bool = False  # an Office document with VBA macros
