"""The bounds of the other ports on the console's own, which Streamlit opens.

Streamlit starts uvicorn without a way to its connections or to its TLS. So a middleware meets uvicorn where the
application's life begins, just before it listens: under our own launcher and under `streamlit run` alike.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
from collections.abc import Callable
from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from bongsu.clock import SystemClock
from bongsu.http.connection import BoundedConnection, Dates
from bongsu.http.crowd import Crowd
from bongsu.http.limits import ServerLimits
from bongsu.http.listening import Listening, listen
from bongsu.http.problem import problem
from bongsu.model.errors import TooMany
from bongsu.ports import Clock

_MINUTE = 60.0


class Bounds:
    """ASGI middleware, the outermost: connections are bounded as `http.connection` does it, handshakes as the porch."""

    def __init__(self, app: ASGIApp, *, limits: ServerLimits) -> None:
        self._app = app
        self._limits = limits
        self._crowd = Crowd(limits, SystemClock())
        self._begun = False
        self._teller: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take uvicorn's connections over at the beginning; then hold each address to its rate."""
        if scope["type"] == "lifespan" and not self._begun:
            self._begun = True
            self._begin(getattr(getattr(receive, "__self__", None), "config", None))
        elif scope["type"] == "http":
            try:
                self._crowd.spend(str((scope.get("client") or ("",))[0]))
            except TooMany as error:
                await problem(error, secrets.token_hex(16), scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _begin(self, config: Any) -> None:
        if not hasattr(config, "http_protocol_class"):
            structlog.get_logger("bongsu.console").warning("connections aren't bounded: this isn't uvicorn")
            return
        config.limits, config.crowd, config.at_once, config.dates = self._limits, self._crowd, None, Dates()
        config.http_protocol_class = BoundedConnection
        self._teller = asyncio.create_task(self.tell(SystemClock()), name="refused")
        self._listen_instead(asyncio.get_running_loop())

    async def tell(self, clock: Clock) -> None:
        """Say in the log what was refused, by reason, once a minute at most, until cancelled: nobody asks this process
        for its figures.
        """
        told: dict[str, float] = {}
        while True:
            await clock.sleep_until(clock.monotonic() + _MINUTE)
            refused = {one.labels[0][1]: one.value for one in self._crowd.figures() if one.labels}
            if refused != told:
                new = {reason: round(count - told.get(reason, 0.0)) for reason, count in refused.items()}
                counts = {reason: count for reason, count in new.items() if count}
                structlog.get_logger("bongsu.console").warning("connections and requests refused", **counts)
                told = refused

    def _listen_instead(self, loop: Any) -> None:
        """The next `create_server` of this loop is uvicorn's: it listens with our bounds on handshakes."""
        create_server = loop.create_server

        async def bounded(
            make: Callable[[], asyncio.BaseProtocol],
            *place: Any,
            sock: socket.socket | None = None,
            ssl: ssl.SSLContext | None = None,
            backlog: int = 100,
            **more: Any,
        ) -> Listening:
            del loop.create_server
            if sock is None or ssl is None:
                server: Listening = await create_server(make, *place, sock=sock, ssl=ssl, backlog=backlog, **more)
                return server
            refused = self._crowd.refused
            return await listen(make, sock, backlog=backlog, tls=ssl, limits=self._limits, refused=refused)

        loop.create_server = bounded
