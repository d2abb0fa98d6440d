"""The shapes a pattern cannot match without, for patterns that name no word: `\\d{3}-\\d{2}-\\d{4}` has the shape `000-00-0000`.

In a shape every digit is a 0 and all white space a blank; what else is ASCII and no letter stands as it is. Promises soundness, not
completeness, as `literals` does: wherever the pattern matches a text, one of its shapes is in the shape of the text (see
`patterns.shape_of`). Letters say too little to be looked for: a shape ends there.
"""

import re._constants as sre  # type: ignore[import-not-found]  # the standard library has no public door to its parse
from collections.abc import Iterable, Iterator

from screener.policy.literals import Parsed, Required, parsed

# By octet of Latin-1: white space is what is such to `re` or to `regex`.
TABLE = bytes(
    ord("0") if chr(code) in "0123456789" else ord(" ") if chr(code) in "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0" else code
    for code in range(256)
)
MAX_FORMS = 4  # shapes of one pattern: each is looked for by itself
MAX_ELEMENTS = 64  # of a pattern, repeats written out

_Forms = tuple[str, ...]  # what one element, or several together, may look like; () means nothing is known
_Element = tuple[_Forms, Required]  # and what an element without known forms needs for itself alone

_UNKNOWN: _Element = ((), ())
_ZERO_WIDTH = frozenset((sre.AT, sre.ASSERT, sre.ASSERT_NOT))


def required_shapes(pattern: str) -> Required:
    """A few shapes of which every match holds one; () where none are known."""
    items = parsed(pattern)
    return () if items is None else _needed(_elements(items))


def _elements(items: Parsed) -> list[_Element]:
    """A sequence with repeats written out, as far as that is looked at."""
    found: list[_Element] = []
    for operation, argument in items:
        if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT) and isinstance(argument, tuple):
            least, most, inner = argument
            repeated = _elements(inner)
            found += repeated * min(least, MAX_ELEMENTS)
            if (least, most) == (0, 1) and (forms := _spelt(repeated)):
                found.append((("", *forms), ()))
            elif least != most:
                found.append(_UNKNOWN)
        elif operation is sre.SUBPATTERN and isinstance(argument, tuple):
            found += _elements(argument[3])
        elif operation is sre.ATOMIC_GROUP:
            found += _elements(argument)  # type: ignore[arg-type]  # a parsed sequence
        elif operation is sre.BRANCH and isinstance(argument, tuple):
            found.append(_either([_elements(branch) for branch in argument[1]]))
        elif operation not in _ZERO_WIDTH:
            found.append((_symbols(operation, argument), ()))
        del found[MAX_ELEMENTS:]
    return found


def _either(branches: list[list[_Element]]) -> _Element:
    spelt = [_spelt(branch) for branch in branches]
    if all(spelt):
        return _union(spelt), ()
    needed = [_needed(branch) for branch in branches]
    return (), _union(needed) if all(needed) else ()


def _union(choices: Iterable[_Forms]) -> _Forms:
    return tuple(dict.fromkeys(form for forms in choices for form in forms))


def _spelt(elements: list[_Element]) -> _Forms:
    """Everything a sequence may look like, if that is known and little."""
    window: _Forms = ("",)
    for forms, _ in elements:
        window = _followed(window, forms)
        if not 0 < len(window) <= MAX_FORMS:
            return ()
    return window if len(elements) < MAX_ELEMENTS else ()


def _needed(elements: list[_Element]) -> Required:
    """The best of what the parts of a sequence need."""
    return max(_windows(elements), key=_worth, default=())


def _windows(elements: list[_Element]) -> Iterator[Required]:
    """Stretches of a sequence, and what parts of it need, where that is worth looking for."""
    window: _Forms = ("",)
    for forms, needed in [*elements, _UNKNOWN]:
        grown = _followed(window, forms)
        if 0 < len(grown) <= MAX_FORMS:
            window = grown
            continue
        for candidate in (window, needed):
            if _worth(candidate) > 0:
                yield candidate
        window = forms or ("",)


def _followed(window: _Forms, forms: _Forms) -> _Forms:
    return tuple(dict.fromkeys(before + form for before in window for form in forms))


def _symbols(operation: object, argument: object) -> _Forms:
    """What one character may look like."""
    if operation is sre.LITERAL and isinstance(argument, int):
        return _symbol(argument)
    if operation is not sre.IN or not isinstance(argument, list):
        return ()
    members = [_member(kind, value) for kind, value in argument]
    return _union(members) if all(members) else ()


def _member(kind: object, value: object) -> _Forms:
    """What a member of a set looks like; a set that is turned round (NEGATE) has one that is not known."""
    if kind is sre.LITERAL and isinstance(value, int):
        return _symbol(value)
    if kind is sre.RANGE and isinstance(value, tuple):
        symbols = [_symbol(code) for code in range(value[0], min(value[1], 0x80) + 1)]
        return _union(symbols) if all(symbols) else ()
    if kind is sre.CATEGORY:
        return ("0",) if value is sre.CATEGORY_DIGIT else (" ",) if value is sre.CATEGORY_SPACE else ()
    return ()


def _symbol(code: int) -> _Forms:
    """A letter has none, as it matches others, too, nor has what is not ASCII."""
    return () if code >= 0x80 or chr(code).isalpha() else (chr(TABLE[code]),)


def _worth(forms: _Forms) -> int:
    """Much to look for and few to look for is best; blanks are everywhere."""
    if not forms or len(forms) > 4 * MAX_FORMS:
        return 0
    least = min(len(form) - form.count(" ") for form in forms)
    return least * 100 - len(forms) if least else 0
