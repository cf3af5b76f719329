"""Request bodies, received within bounds of size and time."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope

from bongsu.http.errors import Interrupted, TooSlow
from bongsu.http.limits import ServerLimits
from bongsu.model.errors import BadRequest, TooLarge, TooMany


class BodyReader:
    """Receives bodies; all of them together hold at most `reading_bytes`."""

    def __init__(self, limits: ServerLimits) -> None:
        self._limits = limits
        self.receiving = 0
        """Bytes received of bodies that aren't complete yet."""

    async def read(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body.

        Raises:
            TooLarge: it is, or announces to be, longer than allowed.
            TooMany: too many bodies are being received at once.
            TooSlow: it didn't arrive in time.
            Interrupted: the client went away.
        """
        announced = _announced(scope)
        if announced > self._limits.body_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                return await self._receive(receive)
        except TimeoutError:
            raise TooSlow(
                f"the body wasn't complete after {self._limits.body_seconds:g} s", hint="send smaller bodies"
            ) from None

    async def _receive(self, receive: Receive) -> bytes:
        pieces: list[bytes] = []
        size = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Interrupted("the connection was closed before the body was complete")
                piece: bytes = message.get("body", b"")
                size += len(piece)
                self.receiving += len(piece)
                self._check(size)
                pieces.append(piece)
                if not message.get("more_body", False):
                    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        finally:
            self.receiving -= size

    def _check(self, size: int) -> None:
        if size > self._limits.body_bytes:
            raise self._too_large()
        if self.receiving > self._limits.reading_bytes:
            raise TooMany("too many bodies are being received at once", hint="send again in a moment", retry_after=1)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the body has more than {self._limits.body_bytes} bytes", hint="send several smaller bodies")


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            try:
                return int(value)
            except ValueError:
                raise BadRequest("Content-Length isn't a number") from None
    return 0
