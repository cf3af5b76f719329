"""The one HTTP client of all channels: bounded, never redirected, and silent about addresses.

It speaks through httpx's transport rather than its client, which logs every address it asks: the addresses here are
secrets. Importing this doesn't import httpx: the first request does.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import msgspec

from bongsu.model.errors import ChannelError
from bongsu.notify.classing import Answer
from bongsu.redaction import Redactor
from bongsu.version import __version__

if TYPE_CHECKING:
    import httpx

_LARGEST = 64 << 10
"""Bytes of an answer that are read."""
_CONNECT = 5.0
"""Seconds for a connection to stand."""
JSON = "application/json"


class Http:
    """Posts to addresses of the settings, and to nothing else. One for all channels; `close` it.

    Args:
        time_out: seconds for each step of a request.
        ca_file: a PEM file of authorities trusted besides the usual ones.
        proxy: the address of a proxy.
        redactor: takes secrets out of answers that tell of a failure: servers quote what they were sent.
    """

    def __init__(
        self,
        *,
        time_out: float = 10.0,
        ca_file: str | None = None,
        proxy: str | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        self._time_out = time_out
        self._ca_file = ca_file
        self._proxy = proxy
        self._redactor = redactor or Redactor()
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._tls: ssl.SSLContext | None = None

    def tls(self) -> ssl.SSLContext:
        """What certificates are verified against; made once.

        Raises:
            ChannelError: `ca_file` can't be read.
        """
        if self._tls is None:
            import httpx

            context = httpx.create_ssl_context()
            if self._ca_file:
                try:
                    context.load_verify_locations(self._ca_file)
                except (OSError, ssl.SSLError) as error:
                    reason = getattr(error, "strerror", None) or type(error).__name__
                    raise ChannelError(f"notifications.ca_file can't be read: {reason}", kind="auth") from None
            self._tls = context
        return self._tls

    async def post(
        self, url: str, document: object, *, headers: Mapping[str, str] | None = None, service: str, patience: float = 0
    ) -> Answer:
        """Post a document as JSON (bytes as they are); the answer, whatever its status.

        `patience` is added to the time-out.

        Raises:
            ChannelError: `temporary`: no answer came.
        """
        import httpx

        body = document if isinstance(document, bytes) else msgspec.json.encode(document)
        wait = self._time_out + patience
        try:
            request = httpx.Request(
                "POST",
                url,
                content=body,
                headers={
                    "content-type": JSON,
                    "accept": JSON,
                    "accept-encoding": "identity",
                    "user-agent": f"bongsu/{__version__}",
                    **(headers or {}),
                },
                extensions={"timeout": {"connect": _CONNECT, "read": wait, "write": wait, "pool": wait}},
            )
            response = await self._open().handle_async_request(request)
            return Answer(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=self._told(response.status_code, await _beginning(response)),
            )
        except httpx.TimeoutException:
            raise ChannelError(f"{service} ({host_of(url)}) did not answer in time", kind="temporary") from None
        except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
            raise ChannelError(
                f"{service} ({host_of(url)}) can't be reached: {_reason(error)}", kind="temporary"
            ) from None

    def _told(self, status: int, body: bytes) -> bytes:
        return body if status < 300 else self._redactor.text(body.decode("utf-8", "replace")).encode("utf-8", "replace")

    async def close(self) -> None:
        """Let go of the connections."""
        if self._transport is not None:
            await self._transport.aclose()
            self._transport = None

    def _open(self) -> httpx.AsyncHTTPTransport:
        if self._transport is None:
            import httpx

            self._transport = httpx.AsyncHTTPTransport(
                verify=self.tls(),
                proxy=self._proxy,
                limits=httpx.Limits(max_connections=32, max_keepalive_connections=8, keepalive_expiry=60),
            )
        return self._transport


def host_of(url: str) -> str:
    """The host of an address: all of it that may be told."""
    return urlsplit(url).hostname or "?"


async def _beginning(response: httpx.Response) -> bytes:
    pieces: list[bytes] = []
    length = 0
    try:
        async for piece in cast("AsyncIterable[bytes]", response.stream):
            pieces.append(piece)
            length += len(piece)
            if length >= _LARGEST:
                break
    finally:
        await response.aclose()
    return b"".join(pieces)[:_LARGEST]


def _reason(error: Any) -> str:
    """Why, without an address: what the operating system or TLS says, else the error's name."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate isn't trusted ({cause.verify_message})"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
