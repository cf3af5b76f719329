"""Requests of a WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any

from bongsu.instrument.reporter import Reporter, shared

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class WsgiRequests:
    """Middleware: counts each request with its status and the time until its answer was complete.

    `route` names a request's route from its environ; without, the method alone.
    """

    def __init__(
        self,
        app: App,
        *,
        service: str,
        reporter: Reporter | None = None,
        route: Callable[[Environ], str] | None = None,
    ) -> None:
        self._app = app
        self._service = service
        self._reporter = reporter or shared()
        self._route = route or (lambda environ: str(environ.get("REQUEST_METHOD", "")))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        told: list[int] = []

        def starting(status: str, *rest: Any) -> Any:
            told[:] = [int(status[:3])]
            return start_response(status, *rest)

        def done(failed: bool) -> None:
            status = 500 if failed or not told else told[0]
            took = (perf_counter() - began) * 1000
            self._reporter.add(
                self._service, self._route(environ), took, error=status >= 500, warning=400 <= status < 500
            )

        try:
            answer = self._app(environ, starting)
        except BaseException:
            done(failed=True)
            raise
        return _Watched(answer, done)


class _Watched:
    """The answer's parts; it is complete when the server closes it."""

    def __init__(self, answer: Iterable[bytes], done: Callable[[bool], None]) -> None:
        self._answer = answer
        self._done = done
        self._failed = False
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer
        except BaseException:
            self._failed = True
            raise

    def close(self) -> None:
        """Called by the server at the end of each request."""
        close = getattr(self._answer, "close", None)
        try:
            if close is not None:
                close()
        finally:
            if self._open:
                self._open = False
                self._done(self._failed)
