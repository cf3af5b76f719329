"""One HTTP connection, whose request heads are bounded in time and size."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from bongsu.server.limits import ServerLimits

_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedConfig(uvicorn.Config):
    """uvicorn's configuration, with the limits that `BoundedConnection` keeps."""

    def __init__(self, app: ASGIApp, *, limits: ServerLimits, **more: Any) -> None:
        super().__init__(app, http=BoundedConnection, **more)
        self.limits = limits


class BoundedConnection(HttpToolsProtocol):
    """Closes connections whose request heads come too slowly (slow loris) or don't end."""

    def __init__(
        self,
        config: BoundedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = config.limits
        self._in_head = True
        self._moved_on = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._moved_on = False
        super().data_received(data)
        if self._moved_on or not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > self._limits.head_bytes:
            self._refuse(_TOO_LONG)
        elif self._head_timer is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        self._in_head = False
        self._moved_on = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = self._moved_on = True
        self._head_bytes = 0

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self._limits.head_seconds, self._refuse, _TOO_SLOW)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, answer: bytes) -> None:
        self._head_came()
        if self.transport.is_closing():
            return
        if self._head_bytes:
            self.transport.write(answer)
        self.transport.close()
