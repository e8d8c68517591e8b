"""`Unread`: stands where a program must not look, and raises as soon as it does."""

from __future__ import annotations

from typing import Any, NoReturn


class Looked(Exception):
    """Something looked at a number that differs between lanes, or from step to step."""


class Unread:
    """A number that may be handed on and never looked at.

    In a step that is captured, the number of the step would be that of the capture for good; in a
    stack, what one lane has would stand for all.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def _looked(self, *args: Any) -> NoReturn:
        raise Looked(self.name)

    __getattr__ = __getitem__ = __len__ = __iter__ = __bool__ = __call__ = _looked
    __int__ = __float__ = __index__ = __complex__ = __round__ = __abs__ = __neg__ = _looked
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = __rmod__ = _looked
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __divmod__ = _looked
    __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __contains__ = _looked
    __lt__ = __le__ = __gt__ = __ge__ = __str__ = __format__ = _looked
    __eq__ = __ne__ = __hash__ = _looked
