"""One HTTP/1.1 exchange on a connection of its own, with the time each of its parts took.

httpx and its kind don't tell when the name was found, the connection stood and the first byte came; this does, in a
tenth of their memory. Redirects aren't followed, cookies not kept, certificates always verified.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httptools

from bongsu.collect.checks.lookup import Lookup, ProbeFailed, certificate_ends, connected, opened, since
from bongsu.model.check import Phases
from bongsu.ports import Clock

BODY_BYTES = 256 << 10
"""What is read of a body where a request says nothing else; the rest is left."""
_PIECE = 64 << 10
_AGENT = "bongsu"
_LINE_ENDS = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked. `url` is absolute and its query already encoded."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    most: int = BODY_BYTES
    """Bytes read of the answer's body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, or how far it came: without `status` the exchange failed as `failure` and `detail` say.

    Header names are in small letters. `response_ms` is the whole, name look-up to last byte.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False
    """The body was longer; its rest was left unread."""
    phases: Phases = field(default_factory=Phases)
    response_ms: float | None = None
    certificate_ends: int | None = None
    failure: str = ""
    detail: str = ""


def shown(url: str) -> str:
    """The address as screens may show it: without user, password, query and fragment."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    place = host + (f":{parts.port}" if parts.port else "")
    return f"{parts.scheme}://{place}{parts.path}"


class Exchanger:
    """Makes exchanges. TLS contexts are made once for each CA file, and only when first needed."""

    def __init__(self, *, lookup: Lookup, clock: Clock) -> None:
        self._lookup = lookup
        self._clock = clock
        self._contexts: dict[str, ssl.SSLContext] = {}

    async def exchange(self, request: Request, *, timeout: float, ca_file: str = "") -> Answer:
        """Ask, and give what came within `timeout` seconds; never raises for what the other side does."""
        began = self._clock.monotonic()
        talk = _Talk(self._clock, request.most)
        try:
            async with asyncio.timeout(timeout):
                await self._talk(talk, request, ca_file)
        except TimeoutError:
            failure, detail = "timeout", f"no {talk.waits_for} within {timeout:g} s"
        except ProbeFailed as error:
            failure, detail = error.kind, error.detail
        except (OSError, httptools.HttpParserError) as error:
            failure, detail = "protocol", f"the connection broke before the answer was whole: {type(error).__name__}"
        else:
            return replace(talk.answer(), response_ms=since(began, self._clock))
        return Answer(phases=talk.phases, certificate_ends=talk.certificate_ends, failure=failure, detail=detail)

    def context(self, ca_file: str = "") -> ssl.SSLContext:
        """The TLS context that verifies against these authorities, the system's where empty.

        Raises:
            ProbeFailed: the file can't be read.
        """
        if ca_file not in self._contexts:
            try:
                made = ssl.create_default_context(cafile=ca_file or None)
            except (OSError, ssl.SSLError) as error:
                raise ProbeFailed("tls", f"ca_file can't be used: {type(error).__name__}") from None
            made.set_alpn_protocols(["http/1.1"])
            self._contexts[ca_file] = made
        return self._contexts[ca_file]

    async def _talk(self, talk: _Talk, request: Request, ca_file: str) -> None:
        parts = urlsplit(request.url)
        secure = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        addresses = await self._lookup.addresses(host, port)
        talk.passed("dns", "connection")
        one = await connected(addresses)
        talk.passed("connect", "TLS handshake" if secure else "answer")
        context = self.context(ca_file) if secure else None
        reader, writer = await opened(one, context, host)
        try:
            if secure:
                talk.passed("tls", "answer")
                talk.certificate_ends = certificate_ends(writer)
            writer.write(_head(request, parts, host) + request.body)
            await talk.read(reader)
        finally:
            with contextlib.suppress(OSError, RuntimeError):
                writer.transport.abort()


def _head(request: Request, parts: SplitResult, host: str) -> bytes:
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    name = f"[{host}]" if ":" in host else host
    headers = {
        "Host": name + (f":{parts.port}" if parts.port else ""),
        "User-Agent": _AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **({"Content-Length": str(len(request.body))} if request.body or request.method == "POST" else {}),
        **request.headers,
    }
    lines = [
        f"{request.method} {path} HTTP/1.1",
        *(f"{name}: {_LINE_ENDS.sub('', value)}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


class _Talk:
    """How far one exchange has come; also what the parser calls back."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._mark = clock.monotonic()
        self.phases = Phases()
        self.waits_for = "address"
        self.certificate_ends: int | None = None
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []
        self._size = 0
        self._whole = False

    def passed(self, phase: str, waits_for: str) -> None:
        """This part is over."""
        self.phases = replace(self.phases, **{phase: since(self._mark, self._clock)})
        self._mark = self._clock.monotonic()
        self.waits_for = waits_for

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Read until the answer is whole or long enough.

        Raises:
            ProbeFailed: it ends too early.
        """
        parser = httptools.HttpResponseParser(self)
        self._parser = parser
        while not self._whole and self._size < self._most:
            data = await reader.read(_PIECE)
            if self.phases.first_byte is None and data:
                self.passed("first_byte", "whole answer")
            if not data:
                break
            try:
                parser.feed_data(data)
            except httptools.HttpParserError:
                if not self._whole:  # bytes behind a whole answer are the server's bad habit, not an outage
                    raise
        if self._status is None:
            raise ProbeFailed("protocol", "the connection was closed without an answer")
        if not self._whole and self._size < min(self._promised(), self._most):
            raise ProbeFailed("protocol", "the connection was closed before the answer was whole")
        self.passed("transfer", "")

    def _promised(self) -> int:
        """Bytes that the headers announce; a chunked body is only whole with its last chunk."""
        length = self._headers.get("content-length", "")
        if length.isdigit():
            return int(length)
        return self._most if "chunked" in self._headers.get("transfer-encoding", "").lower() else 0

    def answer(self) -> Answer:
        """What came."""
        return Answer(
            status=self._status,
            headers=self._headers,
            body=b"".join(self._pieces)[: self._most],
            cut=not self._whole and self._size >= self._most,
            phases=self.phases,
            certificate_ends=self.certificate_ends,
        )

    # -- what the parser calls ---------------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The status is known."""
        self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._pieces.append(body)
        self._size += len(body)

    def on_message_complete(self) -> None:
        """That was all."""
        self._whole = True
