"""The values of `active_content`, which a file and a mail have alike: true, false, or kinds of it."""

from collections.abc import Callable
from typing import TypeVar

from screener import yamlfile
from screener.anatomy.active import Active
from screener.policy.conditions.file import first_origins
from screener.policy.reading import KeyReader, Reading
from screener.policy.truth import Condition
from screener.yamlfile import Node, Scalar

T = TypeVar("T")
_BOOLEAN = {"true": True, "yes": True, "false": False, "no": False}


def active_kinds(
    where: str, known: tuple[Active, ...], make: Callable[[str, dict[Active, str], bool], Condition[T]]
) -> KeyReader[T]:
    """The reader of `active_content` of `where` ("files"), in which these kinds are found.

    `make` is given the label, each wanted kind with its origin, and whether there is to be any.
    """

    def entry(text: str) -> Active:
        if text.lower() in known:
            return Active(text.lower())
        hint = yamlfile.did_you_mean(text.lower(), list(known))
        raise ValueError(
            f"'{text[:80]}' is no kind of active content of {where}{hint or ': expected true, false, or ' + ', '.join(known)}"
        )

    def read(reading: Reading, node: Node, label: str) -> Condition[T]:
        if isinstance(node, Scalar) and (wanted := _BOOLEAN.get(node.text.lower())) is not None:
            return make(label, dict.fromkeys(known, "") if wanted else {}, wanted)
        return make(label, first_origins(reading.values(node, f"active_content of {where}", entry)), True)

    return read
