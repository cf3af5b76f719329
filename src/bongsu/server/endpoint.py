"""One endpoint: from a request to an answer, compressed where that is asked for and pays."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Handle = Callable[[Request], Awaitable[Response]]

Part = tuple[tuple[str, str, Handle], ...]
"""The routes of one part: method, path, handler."""

SMALL = 1_024
"""Shorter answers aren't compressed."""

_LARGE = 64 << 10
"""Longer ones are compressed in a thread (zlib lets go of the interpreter meanwhile)."""

_LEVEL = 1


ROUTE = "bongsu.route"
"""Where a request's scope holds the name of its endpoint."""


class Endpoint:
    """An ASGI application around one handler. Its handler raises `BongsuError`s; the door words them."""

    def __init__(self, handle: Handle, *, name: str = "") -> None:
        """`name` is what its requests are counted under."""
        self._handle = handle
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ROUTE] = self._name
        response = await self._handle(Request(scope, receive))
        if isinstance(response, Pieces) and (response.length <= SMALL or accepts_gzip(scope["headers"])):
            response = response.joined()
        if isinstance(response, Pieces) or len(response.body) > SMALL:
            response.headers["vary"] = "accept-encoding"
            if not isinstance(response, Pieces) and accepts_gzip(scope["headers"]):
                await _compress(response)
        await response(scope, receive, send)


class Pieces(Response):
    """An answer whose body is sent piece by piece: large ones aren't copied once more."""

    def __init__(self, pieces: Sequence[bytes | memoryview], *, media_type: str, headers: Mapping[str, str]) -> None:
        self._pieces = pieces
        self.length = sum(map(len, pieces))
        super().__init__(b"", headers={**headers, "content-length": str(self.length)}, media_type=media_type)

    def joined(self) -> Response:
        """The same in one piece."""
        whole = Response(b"".join(self._pieces))
        whole.raw_headers = self.raw_headers
        return whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI's)
        """Send it; the server waits between two pieces where the client is slow."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def accepts_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether the client asks for gzip (RFC 9110: named with a weight above 0)."""
    for name, value in headers:
        if name == b"accept-encoding":
            for offer in value.lower().split(b","):
                coding, _, weight = offer.partition(b";")
                if coding.strip() == b"gzip":
                    return weight.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False


def gzipped(body: bytes) -> bytes:
    """The body as a gzip member, quickly rather than tightly."""
    machine = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    return machine.compress(body) + machine.flush()


async def _compress(response: Response) -> None:
    body = bytes(response.body)
    packed = await asyncio.to_thread(gzipped, body) if len(body) > _LARGE else gzipped(body)
    response.body = packed
    response.headers["content-encoding"] = "gzip"
    response.headers["content-length"] = str(len(packed))
