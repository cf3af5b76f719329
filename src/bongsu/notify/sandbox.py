"""Jinja2's sandbox, with what could still eat the machine taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from jinja2 import ChainableUndefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

_MOST = 1_000
"""Times that a text or list may be repeated."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates see the values they are given, no functions, no files; unknown names are empty.

    `finalize` is applied to every value that a template writes, not to its own text.
    """

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, *, finalize: Callable[[object], object]) -> None:
        super().__init__(
            autoescape=False, finalize=finalize, undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self.globals.clear()
        for name in ("center", "indent", "wordwrap", "pprint", "tojson", "xmlattr", "urlize"):
            del self.filters[name]

    def unsafe_undefined(self, obj: Any, attribute: str) -> NoReturn:
        """Reaching for what is inside a value is a fault, not an empty text."""
        raise SecurityError(f"{attribute} of {type(obj).__name__} can't be used here")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on numbers only; repeating a text within bounds."""
        numbers = all(isinstance(one, (int, float)) for one in (left, right))
        if operator == "*" and not numbers and max(one for one in (left, right, 0) if isinstance(one, int)) > _MOST:
            raise SecurityError("a text can't be repeated so often")
        if operator != "*" and (not numbers or abs(right) > _MOST or abs(left) > 1e15):
            raise SecurityError(f"{operator} is for small numbers here")
        return super().call_binop(context, operator, left, right)
