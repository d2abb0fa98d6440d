"""Readers of keys that many blocks have alike: a comparison, true or false, a block or a list of such blocks.

Promises what `Reading` does: never an exception for what an admin wrote, None after a complaint.
"""

from collections.abc import Callable
from typing import TypeVar

from screener.policy.combine import either
from screener.policy.reading import KeyReader, Reading, joined
from screener.policy.truth import Condition
from screener.values import Comparison
from screener.yamlfile import Node, Sequence

T = TypeVar("T")


def compared(unit: str, make: Callable[[str, Comparison], Condition[T]]) -> KeyReader[T]:
    """The reader of a comparison of sizes (unit "size") or whole numbers ("count"); `make` is given label and comparison."""

    def read(reading: Reading, node: Node, label: str) -> Condition[T] | None:
        comparison = reading.comparison(node, unit)
        return None if comparison is None else make(label, comparison)

    return read


def true_or_false(make: Callable[[str, bool], Condition[T]]) -> KeyReader[T]:
    """The reader of true or false; `make` is given label and what is wanted."""

    def read(reading: Reading, node: Node, label: str) -> Condition[T] | None:
        wanted = reading.boolean(node)
        return None if wanted is None else make(label, wanted)

    return read


def or_any_of(read: KeyReader[T]) -> KeyReader[T]:
    """The reader of a block or of a list of such blocks, of which any must hold."""

    def read_all(reading: Reading, node: Node, label: str) -> Condition[T] | None:
        if isinstance(node, Sequence) and node.items:
            return joined([read_all(reading, item, label) for item in node.items], either)
        return read(reading, node, label)

    return read_all
