"""Requests of an ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

from bongsu.instrument.reporter import Reporter, shared

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiRequests:
    """Middleware: counts each request with its status and the time until its answer was complete.

    `route` names a request's route from its scope; without, the framework's own pattern (`/orders/{id}`) is taken, and
    where there is none the method alone: a path could hold anything, and would make a series each.
    """

    def __init__(
        self,
        app: App,
        *,
        service: str,
        reporter: Reporter | None = None,
        route: Callable[[Scope], str] | None = None,
    ) -> None:
        self._app = app
        self._service = service
        self._reporter = reporter or shared()
        self._route = route or route_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = perf_counter()
        try:
            await self._app(scope, receive, watching)
        except BaseException:
            status = 500
            raise
        finally:
            took = (perf_counter() - began) * 1000
            self._reporter.add(
                self._service, self._route(scope), took, error=status >= 500, warning=400 <= status < 500
            )


def route_of(scope: Scope) -> str:
    """Method and pattern, as Starlette, FastAPI and Litestar leave it in the scope; the method where there is none."""
    method = str(scope.get("method", ""))
    pattern = getattr(scope.get("route"), "path", None) or scope.get("path_template")
    return f"{method} {pattern}" if pattern else method
