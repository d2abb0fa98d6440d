"""A fact that is computed when it is asked for, once: `functools.cached_property` without its lock, dearer than most facts.

For what is not shared between threads.
"""

from collections.abc import Callable
from typing import Generic, Self, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):  # written as a decorator, like `property`
    """A method whose answer takes the place of the method in its object."""

    def __init__(self, compute: Callable[..., T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, thing: None, kind: type) -> Self: ...
    @overload
    def __get__(self, thing: object, kind: type) -> T: ...
    def __get__(self, thing: object | None, kind: type) -> Self | T:
        if thing is None:
            return self
        found = thing.__dict__[self._name] = self._compute(thing)
        return found
