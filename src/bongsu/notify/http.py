"""The one HTTP client of all channels: bounded, never redirected, and silent about addresses.

It speaks through httpcore rather than httpx above it, which logs every address it asks (the addresses here are secrets)
and takes 10 MiB instead of 2. Importing this doesn't import httpcore: the first request does.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import AsyncIterable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

import msgspec

from bongsu.model.errors import ChannelError
from bongsu.notify.classing import Answer
from bongsu.redaction import Redactor
from bongsu.version import __version__

if TYPE_CHECKING:
    import httpcore

    from bongsu.notify.outward import Resolve

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
        resolve: finds the addresses of a name; the operating system where None. They are looked at before any is asked.
        redactor: takes secrets out of answers that tell of a failure: servers quote what they were sent.
    """

    def __init__(
        self,
        *,
        time_out: float = 10.0,
        ca_file: str | None = None,
        proxy: str | None = None,
        redactor: Redactor | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._time_out = time_out
        self._ca_file = ca_file
        self._proxy = proxy
        self._redactor = redactor or Redactor()
        self._resolve = resolve
        self._pool: httpcore.AsyncConnectionPool | None = None
        self._tls: ssl.SSLContext | None = None

    def tls(self) -> ssl.SSLContext:
        """What certificates are verified against; made once.

        Raises:
            ChannelError: `ca_file` can't be read.
        """
        if self._tls is None:
            import certifi

            context = ssl.create_default_context(cafile=certifi.where())
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
        import httpcore

        from bongsu.notify.outward import InnerAddress

        body = document if isinstance(document, bytes) else msgspec.json.encode(document)
        wait = self._time_out + patience
        try:
            response = await self._open().handle_async_request(
                httpcore.Request(
                    "POST",
                    url,
                    headers=_headers(url, len(body), headers or {}),
                    content=body,
                    extensions={"timeout": {"connect": _CONNECT, "read": wait, "write": wait, "pool": wait}},
                )
            )
            return Answer(
                status=response.status,
                headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers},
                body=self._told(response.status, await _beginning(response)),
            )
        except httpcore.TimeoutException:
            raise ChannelError(f"{service} ({host_of(url)}) did not answer in time", kind="temporary") from None
        except InnerAddress as error:
            raise ChannelError(f"{service} ({host_of(url)}) isn't asked: {error}", kind="auth") from None
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.ProxyError,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            raise ChannelError(
                f"{service} ({host_of(url)}) can't be reached: {_reason(error)}", kind="temporary"
            ) from None

    def _told(self, status: int, body: bytes) -> bytes:
        return body if status < 300 else self._redactor.text(body.decode("utf-8", "replace")).encode("utf-8", "replace")

    async def close(self) -> None:
        """Let go of the connections."""
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None

    def _open(self) -> httpcore.AsyncConnectionPool:
        if self._pool is None:
            import httpcore

            from bongsu.notify.outward import Outward, system_addresses

            self._pool = httpcore.AsyncConnectionPool(
                network_backend=Outward(self._resolve or system_addresses),
                ssl_context=self.tls(),
                proxy=_proxy(self._proxy) if self._proxy else None,
                max_connections=32,
                max_keepalive_connections=8,
                keepalive_expiry=60,
            )
        return self._pool


def host_of(url: str) -> str:
    """The host of an address: all of it that may be told."""
    return urlsplit(url).hostname or "?"


def _headers(url: str, length: int, more: Mapping[str, str]) -> list[tuple[str, str]]:
    given = {name.lower(): value for name, value in more.items()}
    usual = {
        "host": urlsplit(url).netloc.rpartition("@")[2],
        "content-type": JSON,
        "content-length": str(length),
        "accept": JSON,
        "accept-encoding": "identity",
        "user-agent": f"bongsu/{__version__}",
    }
    user = _user(url)
    if user is not None:
        usual["authorization"] = "Basic " + b64encode(":".join(user).encode()).decode()
    return list((usual | given).items())


def _proxy(url: str) -> httpcore.Proxy:
    import httpcore

    parts = urlsplit(url)
    return httpcore.Proxy(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), auth=_user(url))


def _user(url: str) -> tuple[str, str] | None:
    """Name and password in front of an address's host."""
    parts = urlsplit(url)
    return (unquote(parts.username), unquote(parts.password or "")) if parts.username else None


async def _beginning(response: httpcore.Response) -> bytes:
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
