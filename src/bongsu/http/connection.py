"""One HTTP connection, bounded in everything that a client may draw out: heads, bodies, reading, waiting."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from bongsu.http.crowd import Crowd, is_loopback
from bongsu.http.errors import HeadTooLarge, TooSlow
from bongsu.http.headers import HEADERS
from bongsu.http.limits import ServerLimits
from bongsu.http.problem import problem
from bongsu.model.errors import BadRequest, BongsuError, TooMany

_GRACE = 1.0
"""Seconds after a body's time is up in which the application may tell so itself."""


_GET = b"GET "
_END = b"\r\n\r\n"
_PIECES = 512
"""Pieces that are handed to the socket in one go; the system takes 1,024."""

Pieces = Sequence[bytes | memoryview]
Lines = Sequence[tuple[bytes, bytes]]


class AtOnce(Protocol):
    """Answers without an application."""

    def answer(self, url: bytes, headers: Lines) -> Pieces | None:
        """What follows status line and date of the answer to a GET, in pieces; None where it can't."""
        ...

    def answer_again(self, path: bytes, query: bytes, headers: Lines) -> Pieces | None:
        """The same where a request of just these headers was answered so before, to the same path; None too where the
        query string isn't of printable ASCII alone, or holds a `#`: nobody has looked at it yet.
        """
        ...


class Dates:
    """Status line and date of what is answered at once: made anew when the server's clock has moved on."""

    def __init__(self) -> None:
        self._of: Lines | None = None
        self._lines = b""

    def lines(self, headers: Lines) -> bytes:
        """In bytes; `headers` is another object each second."""
        if headers is not self._of:
            self._lines = b"HTTP/1.1 200 OK\r\n" + b"".join([b"%b: %b\r\n" % header for header in headers])
            self._of = headers
        return self._lines


class _Usual(NamedTuple):
    """A request that was answered at once: what stood around its query string, as it came and as it was read."""

    beginning: bytes
    ending: bytes
    path: bytes
    headers: Lines


class BoundedConfig(Config):
    """uvicorn's configuration, with the limits that `BoundedConnection` keeps."""

    def __init__(
        self, app: ASGIApp, *, limits: ServerLimits, crowd: Crowd, at_once: AtOnce | None = None, **more: Any
    ) -> None:
        super().__init__(app, http=BoundedConnection, **more)
        self.limits = limits
        self.crowd = crowd
        self.at_once = at_once
        self.dates = Dates()


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
        self._dates = config.dates
        self._usual: _Usual | None = None
        self._from, self._near = "", True
        self._answered = False
        self._between = True
        self._rested = 0.0
        self._socket = -1
        self._in_head = True
        self._moved_on = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._from = self.client[0] if self.client else ""
        self._near = is_loopback(self._from)
        secure = self.scheme == "https"
        if not secure and hasattr(os, "writev"):
            self._socket = _number_of(transport)
        refused = self._crowd.come(self, self._from, secure=secure)
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
        usual, self._usual = self._usual, None
        if usual is not None and data.endswith(usual.ending) and self._answers_again(data, usual):
            self._usual = usual
            return
        whole, self._moved_on = self._between, False
        super().data_received(data)
        if self._moved_on:
            if whole and self._answered:
                self._usual = _usual_of(data, self.url, self.headers)
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

    def _answers_again(self, data: bytes, usual: _Usual) -> bool:
        """Answer a request that differs from the last, which was answered at once, by nothing but its query string.

        The parser doesn't hear of it; whatever isn't plain is left to it.
        """
        beginning, ending, path, headers = usual
        if self._at_once is None or self.timeout_keep_alive_task is None or self.flow.write_paused:
            return False
        if not data.startswith(beginning):
            return False
        query = data[len(beginning) : -len(ending)]
        if not self._tells(self._at_once.answer_again(path, query, headers)):
            return False
        self.server_state.total_requests += 1
        self._rested = self.loop.time()
        self._crowd.ask(self)
        self._crowd.wait(self)
        return True

    def timeout_keep_alive_handler(self) -> None:
        """Close it, unless it was answered again since: nobody set a new timer for that."""
        left = self._rested + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self._later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def on_message_begin(self) -> None:
        self._between = False
        super().on_message_begin()

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
            and self._tells(at_once.answer(self.url, self.headers))
        ):
            return False
        self.on_response_complete()
        return True

    def _tells(self, answer: Pieces | None) -> bool:
        """Send an answer, if there is one and whoever asks doesn't ask too fast."""
        if answer is None:
            return False
        if self._limits.count_loopback or not self._near:
            try:
                self._crowd.spend(self._from)
            except TooMany:
                return False  # the door tells it
        self._send([self._dates.lines(self.server_state.default_headers), *answer])
        return True

    def _send(self, pieces: Pieces) -> None:
        """Hand it to the socket ourselves where nothing waits before it; the transport does the same in more steps."""
        transport, sent = self.transport, 0
        direct = self._socket >= 0 and len(pieces) <= _PIECES and not transport.is_closing()
        if direct and not transport.get_write_buffer_size():
            try:
                sent = os.writev(self._socket, pieces)
            except OSError:  # full, or gone: the transport finds out
                sent = 0
        if sent < sum(map(len, pieces)):
            transport.writelines(_behind(pieces, sent))

    def on_message_complete(self) -> None:
        if not self._answered:
            super().on_message_complete()
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
        self._in_head = self._moved_on = self._between = True
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


def _number_of(transport: asyncio.BaseTransport) -> int:
    """The number of a connection's socket; -1 where there is none."""
    found = transport.get_extra_info("socket")
    return -1 if found is None else int(found.fileno())


def _usual_of(data: bytes, url: bytes, headers: Lines) -> _Usual | None:
    """What may come again, if the data were one request and nothing else; `url` and `headers` were read from them."""
    path, mark, _ = url.partition(b"?")
    begin, past = len(_GET) + len(path) + 1, len(_GET) + len(url)
    if not mark or not data.startswith(b"%b%b HTTP/1.1\r\n" % (_GET, url)):
        return None
    if data.find(_END, past) + len(_END) != len(data):
        return None
    return _Usual(data[:begin], data[past:], path, headers)


def _behind(pieces: Pieces, sent: int) -> list[bytes | memoryview]:
    """What is left of pieces when so many of their bytes are gone; nothing is copied."""
    left: list[bytes | memoryview] = []
    for piece in pieces:
        if sent < len(piece):
            left.append(memoryview(piece)[sent:] if sent else piece)
        sent = max(0, sent - len(piece))
    return left


def raw_answer(error: BongsuError) -> bytes:
    """A problem as it stands on the wire."""
    response = problem(error, secrets.token_hex(16), "")
    headers = [*response.raw_headers, *HEADERS, (b"connection", b"close")]
    head = b"".join(b"%b: %b\r\n" % header for header in headers)
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (error.status, error.title.encode(), head, bytes(response.body))
