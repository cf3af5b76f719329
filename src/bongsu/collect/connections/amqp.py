"""RabbitMQ, asked by AMQP 0-9-1: the handshake with the user's name, and the depth of queues by passive declaration."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import struct
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from bongsu.collect.checks.lookup import Lookup, ProbeFailed, certificate_ends, connected, opened, since
from bongsu.collect.connections.service import Found, Refused
from bongsu.model.check import Phases, State
from bongsu.ports import Clock

PORT, TLS_PORT = 5672, 5671
PROTOCOL = b"AMQP\x00\x00\x09\x01"
METHOD, END = 1, 0xCE
START, START_OK, TUNE, TUNE_OK, OPEN, OPEN_OK, CLOSE = (
    (10, 10),
    (10, 11),
    (10, 30),
    (10, 31),
    (10, 40),
    (10, 41),
    (10, 50),
)
CHANNEL_OPEN, CHANNEL_OPEN_OK, CHANNEL_CLOSE = (20, 10), (20, 11), (20, 40)
DECLARE, DECLARE_OK = (50, 10), (50, 11)
_LARGEST = 1 << 20
_CLOSING = b"\x0ccapabilitiesF" + struct.pack("!I", 31) + b"\x1cauthentication_failure_closet\x01"
"""Asks to be told why we aren't let in, where the server would only hang up."""
_VERSION = re.compile(rb"\x07versionS(....)", re.DOTALL)
_REASONS: dict[int, tuple[State, str]] = {
    403: ("auth_failed", "credentials"),
    530: ("config_error", "vhost"),
    320: ("down", "server"),
}

Method = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How a queue stands; None where there is none of that name."""

    messages: int
    consumers: int


class Wire:
    """Frames over one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, method: Method, arguments: bytes, *, channel: int = 0) -> None:
        """One method in one frame."""
        payload = struct.pack("!HH", *method) + arguments
        self._writer.write(struct.pack("!BHI", METHOD, channel, len(payload)) + payload + bytes([END]))

    async def expect(self, *wanted: Method) -> tuple[Method, bytes]:
        """The next method with its arguments; heartbeats are passed over.

        Raises:
            Refused: the server closes the connection and says why.
            ProbeFailed: it isn't AMQP.
        """
        while True:
            kind, _, size = struct.unpack("!BHI", await self._reader.readexactly(7))
            if size > _LARGEST:
                raise ProbeFailed("protocol", "what answers isn't AMQP 0-9-1")
            body = await self._reader.readexactly(size + 1)
            if body[-1] != END:
                raise ProbeFailed("protocol", "what answers isn't AMQP 0-9-1")
            if kind == METHOD:
                break
        method: Method = struct.unpack("!HH", body[:4])
        if method == CLOSE:
            raise _refused(body[4:-1])
        if method not in wanted:
            raise ProbeFailed("protocol", f"an unexpected method {method[0]}.{method[1]} came")
        return method, body[4:-1]


def short(text: str) -> bytes:
    """A short string."""
    data = text.encode()[:255]
    return bytes([len(data)]) + data


def _long(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data


def _refused(arguments: bytes) -> Refused:
    code, length = struct.unpack("!HB", arguments[:3])
    state, reason = _REASONS.get(code, ("down", "server"))
    return Refused(state, reason, f"{code} {arguments[3 : 3 + length].decode('utf-8', 'replace')}")


class AmqpService:
    """One RabbitMQ at `amqp://user:password@host[:port][/vhost]`, or over TLS at `amqps://`."""

    def __init__(
        self, url: str, *, queues: tuple[str, ...], lookup: Lookup, clock: Clock, tls: ssl.SSLContext | None
    ) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (TLS_PORT if tls else PORT)
        self._user = unquote(parts.username or "guest")
        self._password = unquote(parts.password or "guest")
        self._vhost = vhost_of(parts)
        self._queues = queues
        self._lookup = lookup
        self._clock = clock
        self._tls = tls

    async def ask(self) -> Found:
        """The handshake, then each queue."""
        began = self._clock.monotonic()
        addresses = await self._lookup.addresses(self._host, self._port)
        dns, began = since(began, self._clock), self._clock.monotonic()
        one = await connected(addresses)
        connect, began = since(began, self._clock), self._clock.monotonic()
        reader, writer = await opened(one, self._tls, self._host)
        tls = since(began, self._clock) if self._tls else None
        try:
            began = self._clock.monotonic()
            writer.write(PROTOCOL)
            wire = Wire(reader, writer)
            detail = await self._enter(wire)
            figures, lost = await self._depths(wire)
            phases = Phases(dns=dns, connect=connect, tls=tls, first_byte=since(began, self._clock))
            wire.send(CLOSE, struct.pack("!H", 200) + short("") + struct.pack("!HH", 0, 0))
            return Found(
                detail=f"{detail}; no queue {', '.join(lost)}" if lost else detail,
                figures=figures,
                phases=phases,
                certificate_ends=certificate_ends(writer),
                ailing="queue" if lost else "",
            )
        finally:
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    async def _enter(self, wire: Wire) -> str:
        _, properties = await wire.expect(START)
        response = b"\0" + self._user.encode() + b"\0" + self._password.encode()
        wire.send(START_OK, _long(_CLOSING) + short("PLAIN") + _long(response) + short("en_US"))
        _, tuned = await self._let_in(wire)
        channels, frame = struct.unpack("!HI", tuned[:6])
        wire.send(TUNE_OK, struct.pack("!HIH", channels, frame, 0))
        wire.send(OPEN, short(self._vhost) + short("") + b"\0")
        await wire.expect(OPEN_OK)
        return f"RabbitMQ {_version(properties)}".strip()

    async def _let_in(self, wire: Wire) -> tuple[Method, bytes]:
        try:
            return await wire.expect(TUNE)
        except asyncio.IncompleteReadError:
            raise Refused("auth_failed", "credentials", "the server hung up on our name and password") from None

    async def _depths(self, wire: Wire) -> tuple[dict[str, float], list[str]]:
        """Figures of each queue, and the names of those that aren't there."""
        figures: dict[str, float] = {}
        lost = []
        for channel, name in enumerate(self._queues, start=1):
            queue = await _declared(wire, name, channel)
            if queue is None:
                lost.append(name)
            else:
                figures[f"queue_messages:{name}"] = float(queue.messages)
                figures[f"queue_consumers:{name}"] = float(queue.consumers)
        return figures, lost


async def _declared(wire: Wire, name: str, channel: int) -> Queue | None:
    """A queue looked at without making it; each on a channel of its own, since a missing one closes it."""
    wire.send(CHANNEL_OPEN, short(""), channel=channel)
    await wire.expect(CHANNEL_OPEN_OK)
    wire.send(DECLARE, struct.pack("!H", 0) + short(name) + b"\x01" + _long(b""), channel=channel)
    method, arguments = await wire.expect(DECLARE_OK, CHANNEL_CLOSE)
    if method == CHANNEL_CLOSE:
        return None
    messages, consumers = struct.unpack("!II", arguments[1 + arguments[0] :][:8])
    return Queue(messages=messages, consumers=consumers)


def vhost_of(parts: SplitResult) -> str:
    """The virtual host that an address names, `/` where it names none."""
    return unquote(parts.path[1:]) or "/"


def _version(properties: bytes) -> str:
    match = _VERSION.search(properties)
    if match is None:
        return ""
    (length,) = struct.unpack("!I", match[1])
    return properties[match.end() : match.end() + min(length, 40)].decode("utf-8", "replace")
