"""Compresses Streamlit's own scripts and styles, which it sends plain (4.9 MB at a first visit, 1.3 compressed)."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg")
_LEAST = 1_024
_PATHS = ("/static/", "/plotly/")


class Compression:
    """ASGI middleware for Streamlit's files and Plotly's library. Their names change with
    their content, so a compressed copy stays true.

    At most `room` bytes of compressed copies are kept, the least recently asked for go first.
    """

    def __init__(self, app: ASGIApp, *, room: int = 8_000_000) -> None:
        self._app = app
        self._room = room
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, compressed where the file and the browser allow it."""
        if not self._concerns(scope):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        head: Message = {}
        parts: list[bytes] = []

        async def hold(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start":
                head = message
                if not _worthwhile(message):
                    await send(message)
                    head = {}
                return
            if not head:
                await send(message)
                return
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._answer(path, head, b"".join(parts), send)

        await self._app(scope, receive, hold)

    def _concerns(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(_PATHS):
            return False
        headers = Headers(scope=scope)
        return "gzip" in headers.get("accept-encoding", "") and "range" not in headers

    async def _answer(self, path: str, head: Message, body: bytes, send: Send) -> None:
        packed = self._kept.get(path)
        if packed is None:
            packed = await asyncio.to_thread(gzip.compress, body, 6)
            self._keep(path, packed)
        else:
            self._kept.move_to_end(path)
        headers = MutableHeaders(raw=head["headers"])
        headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(packed))
        headers.add_vary_header("accept-encoding")
        await send(head)
        await send({"type": "http.response.body", "body": packed})

    def _keep(self, path: str, packed: bytes) -> None:
        if path in self._kept:
            return
        self._kept[path] = packed
        self._bytes += len(packed)
        while self._bytes > self._room:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone)


def _worthwhile(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    return (
        message["status"] == 200
        and "content-encoding" not in headers
        and headers.get("content-type", "").startswith(_COMPRESSIBLE)
        and int(headers.get("content-length", "0")) >= _LEAST
    )
