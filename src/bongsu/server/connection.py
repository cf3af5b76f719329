"""One HTTP connection, whose request heads are bounded in time and size."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from bongsu.model.errors import BadRequest, BongsuError, Unavailable
from bongsu.server.at_once import AtOnce
from bongsu.server.door import HEADERS
from bongsu.server.errors import HeadTooLarge, TooSlow
from bongsu.server.limits import ServerLimits
from bongsu.server.problem import problem


class BoundedConfig(uvicorn.Config):
    """uvicorn's configuration, with the limits that `BoundedConnection` keeps."""

    def __init__(self, app: ASGIApp, *, limits: ServerLimits, at_once: AtOnce | None = None, **more: Any) -> None:
        super().__init__(app, http=BoundedConnection, **more)
        self.limits = limits
        self.at_once = at_once


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
        self._at_once = config.at_once
        self._answered = False
        self._in_head = True
        self._moved_on = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self._refuse(Unavailable("too many connections", hint="close some, or come back later", retry_after=1))
        else:
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
            limit = f"request line and headers exceed {self._limits.head_bytes} bytes"
            self._refuse(HeadTooLarge(limit, hint="send fewer or shorter headers"))
        elif self._head_timer is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        self._in_head = False
        self._moved_on = True
        self._answered = self._at_once is not None and self._answers_at_once(self._at_once)
        if not self._answered:
            super().on_headers_complete()

    def _answers_at_once(self, at_once: AtOnce) -> bool:
        """Answer here and now, where nothing is under way on this connection and no application is needed."""
        parser = self.parser
        if not (
            parser.get_method() == b"GET"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and getattr(self.cycle, "response_complete", True)
            and not self.flow.write_paused
        ):
            return False
        answer = at_once.answer(self.url, self.headers)
        if answer is None:
            return False
        dates = b"".join([b"%b: %b\r\n" % header for header in self.server_state.default_headers])
        self.transport.writelines([b"HTTP/1.1 200 OK\r\n" + dates, *answer])
        self.on_response_complete()
        return True

    def on_message_complete(self) -> None:
        if not self._answered:
            super().on_message_complete()
        self._in_head = self._moved_on = True
        self._head_bytes = 0

    def send_400_response(self, msg: str) -> None:
        self._refuse(BadRequest(msg, hint="send HTTP/1.1"))

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self._limits.head_seconds, self._head_late)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        if self._head_bytes:
            late = f"the request's headers weren't complete after {self._limits.head_seconds:g} s"
            self._refuse(TooSlow(late, hint="send them at once"))
        else:
            self.transport.close()

    def _refuse(self, error: BongsuError) -> None:
        """Answer for what never became a request, and close."""
        self._head_came()
        if not self.transport.is_closing():
            self.transport.write(raw_answer(error))
            self.transport.close()


def raw_answer(error: BongsuError) -> bytes:
    """A problem as it stands on the wire."""
    response = problem(error, secrets.token_hex(16), "")
    headers = [*response.raw_headers, *HEADERS, (b"connection", b"close")]
    head = b"".join(b"%b: %b\r\n" % header for header in headers)
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (error.status, error.title.encode(), head, bytes(response.body))
