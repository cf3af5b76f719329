"""What a viewer doesn't know itself is asked of the owner: the request goes on as it came, the answer comes back so.

Who asks is decided by the owner: cookies, tokens and all other headers of the request go along. Bodies are streamed
both ways; nothing of them is kept.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import httpx
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from bongsu.http.errors import Interrupted
from bongsu.model.errors import Unavailable
from bongsu.server.endpoint import ROUTE
from bongsu.tls import authorities

AT_ONE_TIME: Final = 64
"""Requests under way to the owner; more wait."""
_CONNECT: Final = 2.0
_WAIT: Final = 5.0
"""Seconds that a request waits for its turn."""
_ANSWER: Final = 60.0
"""Seconds without a byte of the answer after which the owner is given up: a back-test over a month takes a while."""

_PATIENCE: Final = httpx.Timeout(_ANSWER, connect=_CONNECT, pool=_WAIT).as_dict()

_HOP: Final = frozenset(
    (
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer"),
        *(b"transfer-encoding", b"upgrade", b"expect"),
    )
)
"""Headers between two neighbours only (RFC 9110, 7.6.1)."""
_NOT_ON: Final = _HOP | {b"host"}
_NOT_BACK: Final = _HOP | {b"date", b"server", b"access-control-allow-origin"}


class Relay:
    """An ASGI application that asks the owner at `url`."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`transport` is how to get there, where it isn't the network."""
        self._url = httpx.URL(url)
        # A transport, not a client: that one would keep one visitor's cookie and send it along with the next one's.
        self._transport = transport or httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=AT_ONE_TIME, max_keepalive_connections=16),
            verify=authorities() if url.startswith("https:") else True,
            trust_env=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ROUTE] = "(owner)"
        headers = [(name, value) for name, value in scope["headers"] if name not in _NOT_ON]
        if (client := scope.get("client")) is not None:
            headers = _forwarded(headers, str(client[0]))
        request = httpx.Request(
            scope["method"],
            self._url.copy_with(raw_path=self._url.raw_path.rstrip(b"/") + _target(scope)),
            headers=headers,
            content=_body(receive) if _has_body(scope) else None,
            extensions={"timeout": _PATIENCE},
        )
        try:
            answer = await self._transport.handle_async_request(request)
        except ClientDisconnect:
            raise Interrupted("the client went away") from None
        except httpx.TransportError as error:
            raise away(error) from error
        try:
            await self._answer(answer, send)
        finally:
            await answer.aclose()

    async def who(self, headers: Mapping[str, str]) -> dict[str, Any] | None:
        """The owner's word on who sends these headers; None where it doesn't answer."""
        target = self._url.copy_with(raw_path=self._url.raw_path.rstrip(b"/") + b"/api/v1/session")
        patience = httpx.Timeout(_CONNECT).as_dict()
        request = httpx.Request("GET", target, headers=dict(headers), extensions={"timeout": patience})
        try:
            answer = await self._transport.handle_async_request(request)
            try:
                view = json.loads(await answer.aread())
            finally:
                await answer.aclose()
        except (httpx.HTTPError, ValueError):
            return None
        return view if isinstance(view, dict) and "open" in view else None

    async def close(self) -> None:
        """Let go of connections."""
        await self._transport.aclose()

    @staticmethod
    async def _answer(answer: httpx.Response, send: Send) -> None:
        headers = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() not in _NOT_BACK]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        async for piece in answer.aiter_raw():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def away(error: Exception) -> Unavailable:
    """The problem that tells of an owner that doesn't answer."""
    return Unavailable(
        f"the server that owns the data doesn't answer ({type(error).__name__})",
        hint="newest values are shown all the same; history and alerts come back with it",
        retry_after=2,
    )


def _target(scope: Scope) -> bytes:
    """Path and query as they came."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return path.partition(b"?")[0] + (b"?" + query if query else b"")


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body", False):
            return


def _forwarded(headers: list[tuple[bytes, bytes]], client: str) -> list[tuple[bytes, bytes]]:
    """The way so far, with the one who asks us at its end."""
    before = [value for name, value in headers if name == b"x-forwarded-for"]
    rest = [(name, value) for name, value in headers if name != b"x-forwarded-for"]
    return [*rest, (b"x-forwarded-for", b", ".join([*before, client.encode()]))]
