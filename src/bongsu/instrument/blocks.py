"""A function, or a block of code, as a request: jobs, consumers, anything without HTTP."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from time import perf_counter
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from bongsu.instrument.reporter import Reporter, shared

P = ParamSpec("P")
R = TypeVar("R")


class measure:  # noqa: N801 (used like a function)
    """`with measure("import", service="jobs"): …`: counted when the block ends, as an error where it raises."""

    __slots__ = ("_began", "_reporter", "_route", "_service")

    def __init__(self, route: str, *, service: str, reporter: Reporter | None = None) -> None:
        self._route = route
        self._service = service
        self._reporter = reporter or shared()
        self._began = 0.0

    def __enter__(self) -> measure:
        self._began = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        took = (perf_counter() - self._began) * 1000
        self._reporter.add(self._service, self._route, took, error=kind is not None)


def measured(
    route: str, *, service: str, reporter: Reporter | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorates a function or a coroutine function: each call is counted, as an error where it raises."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def later(*args: P.args, **kwargs: P.kwargs) -> Any:
                with measure(route, service=service, reporter=reporter):
                    return await function(*args, **kwargs)

            return cast("Callable[P, R]", later)

        @wraps(function)
        def now(*args: P.args, **kwargs: P.kwargs) -> R:
            with measure(route, service=service, reporter=reporter):
                return function(*args, **kwargs)

        return now

    return decorate
