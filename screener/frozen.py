"""Dataclasses that never change: to the type checker, which refuses every assignment to a field; at run time nothing looks.

What dataclasses make of `frozen=True` calls `object.__setattr__` for each field of each instance, some 285 times for a mail of
4 KB; without it the whole hop takes some 5 % less CPU, 0 to 9 by cell (`bench.compare`). What mypy refuses instead is shown by
`tests/test_frozen.py`.
"""

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True, **how):
        """`dataclasses.dataclass`; of `frozen` the hash remains."""
        decorate = dataclasses.dataclass(eq=eq, unsafe_hash=frozen and eq, **how)
        return decorate if cls is None else decorate(cls)
