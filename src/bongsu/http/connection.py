"""One HTTP connection, bounded in everything that a client may draw out: heads, bodies, reading, waiting."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from bongsu.http.crowd import Crowd
from bongsu.http.errors import HeadTooLarge, TooSlow
from bongsu.http.headers import HEADERS
from bongsu.http.limits import ServerLimits
from bongsu.http.problem import problem
from bongsu.model.errors import BadRequest, BongsuError, TooMany

_GRACE = 1.0
"""Seconds after a body's time is up in which the application may tell so itself."""


class AtOnce(Protocol):
    """Answers without an application."""

    def answer(self, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Sequence[bytes | memoryview] | None:
        """What follows status line and date of the answer to a GET, in pieces; None where it can't."""
        ...


class BoundedConfig(Config):
    """uvicorn's configuration, with the limits that `BoundedConnection` keeps."""

    def __init__(
        self, app: ASGIApp, *, limits: ServerLimits, crowd: Crowd, at_once: AtOnce | None = None, **more: Any
    ) -> None:
        super().__init__(app, http=BoundedConnection, **more)
        self.limits = limits
        self.crowd = crowd
        self.at_once = at_once


class BoundedConnection(HttpToolsProtocol):
    """Closes connections whose request heads or bodies come too slowly (slow loris) or don't end, and those that don't
    read what they asked for.
    """

    def __init__(
        self,
        config: BoundedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = config.limits
        self.timeout_keep_alive = config.limits.idle_seconds
        self._crowd = config.crowd
        self._at_once = config.at_once
        self._answered = False
        self._in_head = True
        self._moved_on = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        refused = self._crowd.come(self, self._address, secure=self.scheme == "https")
        if refused is not None:
            self._say(refused)
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def dismiss(self) -> None:
        """Close it without a word: no request was under way."""
        self._leave()
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._moved_on = False
        super().data_received(data)
        if self._moved_on:
            return
        if not self._in_head:
            if self._body_timer is None:
                self._body_timer = self._later(self._limits.body_seconds + _GRACE, self._body_late)
            return
        self._head_bytes += len(data)
        if self._head_bytes > self._limits.head_bytes:
            limit = f"request line and headers exceed {self._limits.head_bytes} bytes"
            self._refuse("head-size", HeadTooLarge(limit, hint="send fewer or shorter headers"))
        elif self._head_timer is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        self._crowd.ask(self)
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
        try:
            self._crowd.spend(self._address)
        except TooMany:
            return False  # the door tells it
        dates = b"".join([b"%b: %b\r\n" % header for header in self.server_state.default_headers])
        self.transport.writelines([b"HTTP/1.1 200 OK\r\n" + dates, *answer])
        self.on_response_complete()
        return True

    def on_message_complete(self) -> None:
        if not self._answered:
            super().on_message_complete()
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
        self._in_head = self._moved_on = True
        self._head_bytes = 0

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if getattr(self.cycle, "response_complete", True):
            self._crowd.wait(self)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall_timer = self._later(self._limits.stall_seconds, self._stalled)

    def resume_writing(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
        super().resume_writing()

    def handle_websocket_upgrade(self) -> None:
        self._leave()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        self._refuse("malformed", BadRequest(msg, hint="send HTTP/1.1"))

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, act)

    def _leave(self) -> None:
        self._crowd.leave(self)
        self._head_came()
        for timer in (self._body_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        self._body_timer = self._stall_timer = None

    def _await_head(self) -> None:
        self._head_timer = self._later(self._limits.head_seconds, self._head_late)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        late = f"the request's headers weren't complete after {self._limits.head_seconds:g} s"
        if self._head_bytes:
            self._refuse("head-time", TooSlow(late, hint="send them at once"))
        else:
            self._crowd.refused("head-time")
            self.transport.close()

    def _body_late(self) -> None:
        self._crowd.refused("body-time")
        self.transport.abort()

    def _stalled(self) -> None:
        self._crowd.refused("stalled")
        self.transport.abort()

    def _refuse(self, reason: str, error: BongsuError) -> None:
        """Answer for what never became a request, and close."""
        self._crowd.refused(reason)
        self._say(error)

    def _say(self, error: BongsuError) -> None:
        self._leave()
        if not self.transport.is_closing():
            self.transport.write(raw_answer(error))
            self.transport.close()


def raw_answer(error: BongsuError) -> bytes:
    """A problem as it stands on the wire."""
    response = problem(error, secrets.token_hex(16), "")
    headers = [*response.raw_headers, *HEADERS, (b"connection", b"close")]
    head = b"".join(b"%b: %b\r\n" % header for header in headers)
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (error.status, error.title.encode(), head, bytes(response.body))
