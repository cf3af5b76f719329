"""Small HTTP servers for the stand-ins, each on a port of its own on this machine, in plain text or over TLS."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from http import HTTPStatus
from urllib.parse import urlsplit

from bongsu.demo.marketplaces import MARKETS, Asked, Given, Market, StandIns
from bongsu.ports import Clock

_HEAD_BYTES = 16 << 10
_BODY_BYTES = 64 << 10
_BASE: dict[Market, str] = {"coupang": "", "naver": "/external", "11st": "/rest"}


class Doors:
    """The ports of the stand-ins: bound at once, so that their addresses are known before anything is served."""

    def __init__(self, stand_ins: StandIns, *, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self._stand_ins = stand_ins
        self._clock = clock
        self._tls = tls
        self._sockets = {market: socket.create_server(("127.0.0.1", 0)) for market in MARKETS}
        self._servers: list[asyncio.Server] = []

    def base_url(self, market: Market) -> str:
        """The address to set as `base_url`."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._sockets[market].getsockname()[1]}{_BASE[market]}"

    async def open(self) -> None:
        """Begin to answer."""
        for market, one in self._sockets.items():
            self._servers.append(await asyncio.start_server(self._serving(market), sock=one, ssl=self._tls))

    def close(self) -> None:
        """Answer no more."""
        for server in self._servers:
            server.close()
        for one in self._sockets.values():
            one.close()

    def _serving(self, market: Market):  # type: ignore[no-untyped-def]  # asyncio's callback
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                asked = await _read(reader)
                given = self._stand_ins.answer(market, asked)
                if given.after:
                    await self._clock.sleep_until(self._clock.monotonic() + given.after)
                if given.status is not None:
                    writer.write(_answer(given))
                    await writer.drain()
            except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                pass  # whoever asked went away, or asked nonsense
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

        return serve


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n"))[:_HEAD_BYTES].decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    headers = {
        name.lower(): value.strip() for name, divider, value in (line.partition(":") for line in lines) if divider
    }
    length = min(int(headers.get("content-length", "0")), _BODY_BYTES)
    body = await reader.readexactly(length) if length else b""
    parts = urlsplit(target)
    return Asked(method=method, path=parts.path, query=parts.query, headers=headers, body=body)


def _answer(given: Given) -> bytes:
    assert given.status is not None
    headers = {
        "Content-Type": given.content_type,
        "Content-Length": str(len(given.body)),
        "Connection": "close",
        **given.headers,
    }
    lines = [f"HTTP/1.1 {given.status} {HTTPStatus(given.status).phrase}", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + given.body
