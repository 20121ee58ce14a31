"""Facts that are made and worked out by the million: as values, only quicker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Thing = TypeVar("Thing")
Value = TypeVar("Value")


def quick(of: type[Thing], facts: dict[str, Any]) -> Thing:
    """A frozen dataclass with exactly these facts, all of them, past its slow `__init__`.

    It keeps the dictionary, which nobody else may hold.
    """
    made = object.__new__(of)
    object.__setattr__(made, "__dict__", facts)
    return made


class kept(Generic[Thing, Value]):  # noqa: N801 - used like property
    """A property that works its value out when it is first asked for, and keeps it.

    Without the lock that functools' takes before Python 3.12. For values that never change; two
    threads at once would work out the same.
    """

    def __init__(self, work_out: Callable[[Thing], Value]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, thing: None, kind: Any) -> kept[Thing, Value]: ...

    @overload
    def __get__(self, thing: Thing, kind: Any) -> Value: ...

    def __get__(self, thing: Thing | None, kind: Any) -> kept[Thing, Value] | Value:
        """Only asked for until the value stands in the thing's own dictionary."""
        if thing is None:
            return self
        value = self._work_out(thing)
        thing.__dict__[self._name] = value
        return value
