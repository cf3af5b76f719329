"""What every request passes: host, origin, the route, errors as problems, headers that keep browsers careful."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bongsu.http.crowd import INGEST, Crowd
from bongsu.http.errors import Interrupted, MethodNotAllowed, WrongSite
from bongsu.http.headers import HEADERS
from bongsu.http.problem import problem, trace_id, unexpected
from bongsu.model.errors import BongsuError, NotFound, SignInNeeded
from bongsu.server.at_once import Answering, AtOnce
from bongsu.server.endpoint import ROUTE
from bongsu.server.gate import Gate
from bongsu.server.hosts import Hosts, Origins, is_loopback

_READING = {"GET", "HEAD", "OPTIONS"}

STRICT = (b"strict-transport-security", b"max-age=31536000")
"""Under TLS, and by names that lead elsewhere too: on this machine it would shut out `http://localhost` of any port."""

PAGE_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"),
)
"""Added to pages besides: no window of another site holds on to ours, and ours need none of the browser's senses."""

Answered = Callable[[str, int, float], None]
"""Told of each request: its endpoint, the answer's status (0: none was given), and how long it took (ms)."""

OTHER = "(pages)"
"""What is counted together: pages, files, and what doesn't exist."""

Shortcuts = Mapping[tuple[str, str], ASGIApp]
"""Endpoints by (method, path): those that must be quick skip the router."""


class Door:
    """The outermost ASGI application."""

    def __init__(
        self,
        *,
        router: Router,
        shortcuts: Shortcuts,
        hosts: Hosts,
        origins: Origins,
        gate: Gate | None = None,
        prompt: Mapping[bytes, Answering] | None = None,
        answered: Answered | None = None,
        secure: bool = False,
        crowd: Crowd | None = None,
    ) -> None:
        """`prompt` are the paths whose answers may be had at once; `answered` is told of each request.

        `secure`: browsers are told to come over TLS alone from now on. `crowd` counts requests by address.
        Without a `gate` nobody is asked who they are.
        """
        self._secure = secure
        self.crowd = crowd
        self._router = router
        self._shortcuts = shortcuts
        self._hosts = hosts
        self._origins = origins
        self._gate = gate
        self.at_once = AtOnce(prompt or {}, hosts=hosts, origins=origins, headers=HEADERS, gate=gate)
        self._answered = answered
        self._log = structlog.get_logger("bongsu.server")

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Every route behind the door."""
        return self._router.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the server speaks HTTP here, not {scope['type']}")
        if self._answered is None:
            await self._serve(scope, receive, _Answer(send))
            return
        answer = _Answer(send)
        began = perf_counter()
        try:
            await self._serve(scope, receive, answer)
        finally:
            took = (perf_counter() - began) * 1000
            self._answered(scope.get(ROUTE) or OTHER, answer.status, took)

    async def _serve(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        host = origin = None
        elsewhere = False
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
            elif name == b"sec-fetch-site":
                elsewhere = value == b"cross-site"
        answer.granted = self._origins.grant(origin)
        if self._secure and not is_loopback(host):
            answer.granted.append(STRICT)
        try:
            self._hosts.check(host)
            self._count(scope)
            if elsewhere and not self._origins.allow(origin) and scope["method"] not in _READING:
                raise WrongSite("a page of another site asks for a change", hint="see server.allowed_origins")
            if self._gate is not None and self._gate.visitors.closed:
                answer.granted = [*answer.granted, *await self._gate.admit(scope)]
            endpoint = self._shortcuts.get((scope["method"], scope["path"]))
            if endpoint is not None:
                await endpoint(scope, receive, answer)
            else:
                await self._route(scope, receive, answer, origin)
        except Interrupted:
            return
        except Exception as error:  # noqa: BLE001 (the supervisor of a request: what nobody foresaw is logged and told as 500)
            await self._tell(error, scope, receive, answer)

    def _count(self, scope: Scope) -> None:
        client = scope.get("client")
        if self.crowd is not None and client and scope["path"] not in INGEST:
            self.crowd.spend(client[0])

    async def _route(self, scope: Scope, receive: Receive, send: Send, origin: bytes | None) -> None:
        if scope["method"] == "OPTIONS":
            await self._options(scope, receive, send, origin)
            return
        scope["app"] = self._router  # makes Starlette raise where it would answer 405 in plain text
        await self._router(scope, receive, send)

    async def _options(self, scope: Scope, receive: Receive, send: Send, origin: bytes | None) -> None:
        allow = ", ".join(self._methods(scope))
        if not allow:
            raise NotFound(f"there is nothing at {scope['path']}")
        response = Response(status_code=204, headers={"allow": allow})
        response.raw_headers.extend(self._origins.preflight(origin, allow))
        await response(scope, receive, send)

    def _methods(self, scope: Scope) -> list[str]:
        methods: set[str] = set()
        matching = [route for route in self._router.routes if route.matches(scope)[0] is not Match.NONE]
        exact = [route for route in matching if isinstance(route, Route) and route.path == scope["path"]]
        for route in exact or matching:
            methods |= (route.methods if isinstance(route, Route) else None) or {"GET", "HEAD"}
        return sorted(methods | {"OPTIONS"}) if methods else []

    def _known(self, error: Exception, scope: Scope) -> BongsuError | None:
        if isinstance(error, BongsuError):
            return error
        if isinstance(error, HTTPException):
            if error.status_code == 405:
                allow = ", ".join(method for method in self._methods(scope) if method != "OPTIONS")
                return MethodNotAllowed(f"{scope['method']} isn't available at {scope['path']}", allow=allow)
            if error.status_code == 404:
                return NotFound(f"there is nothing at {scope['path']}", hint="GET /openapi.json lists what there is")
        return None

    async def _tell(self, error: Exception, scope: Scope, receive: Receive, answer: _Answer) -> None:
        trace = trace_id(Headers(scope=scope))
        path = scope["path"]
        known = self._known(error, scope)
        if known is None or known.status == BongsuError.status:
            self._log.error("request failed", method=scope["method"], path=path, trace_id=trace, exc_info=error)
        if answer.started:
            raise error
        instead = self._gate.instead(scope) if self._gate and isinstance(known, SignInNeeded) else None
        if instead is not None:
            await instead(scope, receive, answer)
            return
        await problem(known or unexpected(), trace, path)(scope, receive, answer)


class _Answer:
    """`send`, with the headers that every answer carries."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.granted: list[tuple[bytes, bytes]] = []
        self.started = False
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            headers = message.setdefault("headers", [])
            present = {name for name, _ in headers}
            message["headers"] = [
                *headers,
                *self.granted,
                *(header for header in HEADERS if header[0] not in present),
                *(PAGE_HEADERS if _is_page(headers) else ()),
            ]
        await self._send(message)


def _is_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
