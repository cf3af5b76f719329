"""Runs the application on uvicorn: on a socket that is bound already, without touching signals."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Generator, Iterable

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import Server

from bongsu.clock import SystemClock
from bongsu.http.connection import BoundedConfig
from bongsu.http.crowd import Crowd
from bongsu.http.limits import ServerLimits
from bongsu.http.listening import Listening, listen
from bongsu.model.sample import Sample
from bongsu.server.door import Door

_TICK = 1.0
"""Seconds between two looks at the clock for the Date header."""

_POLL = 0.01
"""Seconds between two looks for requests still under way, while stopping."""


class RestServer:
    """HTTP on one listening socket; `ws` is the protocol class that takes over a connection upgraded to WebSocket.

    With `tls` nothing but TLS is spoken.
    """

    def __init__(
        self,
        app: ASGIApp,
        sock: socket.socket,
        *,
        ws: type[asyncio.Protocol] | None = None,
        limits: ServerLimits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._sock = sock
        self._limits = limits or ServerLimits()
        door = app if isinstance(app, Door) else None
        shared = door.crowd if door else None
        self.crowd = shared if shared is not None else Crowd(self._limits, SystemClock())
        config = BoundedConfig(
            app,
            limits=self._limits,
            crowd=self.crowd,
            at_once=door.at_once if door else None,
            ws=ws or "none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=self._limits.stop_seconds,
        )
        self._server = _Server(config, tls=tls, limits=self._limits, refused=self.crowd.refused)
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port listened on."""
        host, port = self._sock.getsockname()[:2]
        return host, port

    def figures(self) -> Iterable[Sample]:
        """Connections, and what was refused."""
        return self.crowd.figures()

    async def start(self) -> None:
        """Serve in the background; returns once connections are accepted."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._sock]), name="rest server")
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait((self._task, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            self._task.result()

    async def stop(self) -> None:
        """Accept nothing more, let requests under way finish within `stop_seconds`, then end."""
        self._server.leave()
        if self._task is not None:
            await self._task
            self._task = None


class _Server(Server):
    """uvicorn's server, without its signal handlers (they belong to `app.py`) and its ten wake-ups a second."""

    def __init__(
        self,
        config: Config,
        *,
        tls: ssl.SSLContext | None,
        limits: ServerLimits,
        refused: Callable[[str], None],
    ) -> None:
        super().__init__(config)
        self._tls = tls
        self._limits = limits
        self._refused = refused
        self._listening: list[Listening] = []
        self.ready = asyncio.Event()
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Begin the graceful stop."""
        self.should_exit = True
        self._leaving.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; as uvicorn does it, but with bounds for TLS handshakes, to which it leaves a minute each."""
        await self.lifespan.startup()
        self._listening = [
            await listen(
                self._connection,
                sock,
                backlog=self.config.backlog,
                tls=self._tls,
                limits=self._limits,
                refused=self._refused,
            )
            for sock in sockets or ()
        ]
        self.started = True

    def _connection(self) -> asyncio.Protocol:
        protocol: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    async def main_loop(self) -> None:
        """Keep the Date header right until it is time to leave."""
        self.ready.set()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await self._leaving.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listeners and idle connections, wait for requests under way, cut off what takes too long."""
        for listening in self._listening:
            listening.close()
        for sock in sockets or ():
            sock.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while state.connections or state.tasks:  # noqa: ASYNC110 (uvicorn's sets can't be awaited)
                    await asyncio.sleep(_POLL)
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # lets the connections notice, so that nothing is answered for what is cut off
        for task in list(state.tasks):
            task.cancel()
        if state.tasks:
            await asyncio.wait(state.tasks)
