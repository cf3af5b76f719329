"""Redis, asked by RESP: PING and INFO, over a connection of its own; no package is needed."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from bongsu.collect.checks.lookup import Lookup, ProbeFailed, certificate_ends, connected, opened, since
from bongsu.collect.connections.service import Found, Refused
from bongsu.model.check import Phases
from bongsu.ports import Clock

PORT = 6379
_LARGEST = 1 << 20


class RedisService:
    """One Redis at `redis://[user:password@]host[:port][/db]`, or over TLS at `rediss://`."""

    def __init__(self, url: str, *, lookup: Lookup, clock: Clock, tls: ssl.SSLContext | None) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or PORT
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._lookup = lookup
        self._clock = clock
        self._tls = tls

    async def ask(self) -> Found:
        """PING, then INFO."""
        began = self._clock.monotonic()
        addresses = await self._lookup.addresses(self._host, self._port)
        dns, began = since(began, self._clock), self._clock.monotonic()
        one = await connected(addresses)
        connect, began = since(began, self._clock), self._clock.monotonic()
        reader, writer = await opened(one, self._tls, self._host)
        tls = since(began, self._clock) if self._tls else None
        try:
            began = self._clock.monotonic()
            info = await self._talk(reader, writer)
            phases = Phases(dns=dns, connect=connect, tls=tls, first_byte=since(began, self._clock))
            return Found(
                detail=f"Redis {info.get('redis_version', '')}".strip(),
                figures=figures_of(info),
                phases=phases,
                certificate_ends=certificate_ends(writer),
                ailing="replication" if info.get("master_link_status") == "down" else "",
            )
        finally:
            with contextlib.suppress(OSError, RuntimeError):
                writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Mapping[str, str]:
        if self._password:
            words = ["AUTH", *([self._user] if self._user else []), self._password]
            writer.write(command(*words))
            await reply(reader)
        writer.write(command("PING"))
        await reply(reader)
        writer.write(command("INFO"))
        try:
            return info_of(await reply(reader))
        except Refused as error:
            if error.reason == "permission":
                return {}  # alive, but this user may not look closer
            raise


def command(*words: str) -> bytes:
    """A command as RESP."""
    texts = [word.encode() for word in words]
    return b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%b\r\n" % (len(text), text) for text in texts)


async def reply(reader: asyncio.StreamReader) -> str:
    """One simple reply.

    Raises:
        Refused: it is an error.
        ProbeFailed: it is no RESP.
    """
    line = (await reader.readline()).decode("utf-8", "replace")
    if not line.endswith("\r\n"):
        raise ProbeFailed("protocol", "the connection was closed")
    kind, text = line[:1], line[1:-2]
    if kind == "-":
        raise _refused(text)
    if kind in "+:":
        return text
    if kind in "$=" and text.isdigit() and int(text) <= _LARGEST:
        return (await reader.readexactly(int(text) + 2))[:-2].decode("utf-8", "replace")
    raise ProbeFailed("protocol", "what answers isn't Redis")


def _refused(text: str) -> Refused:
    word = text.partition(" ")[0]
    if word in ("NOAUTH", "WRONGPASS") or "invalid password" in text or "without any password" in text:
        return Refused("auth_failed", "credentials", f"{word}: the password is missing or wrong")
    if word == "NOPERM":
        return Refused("auth_failed", "permission", word)
    if word == "LOADING":
        return Refused("degraded", "loading", "Redis is loading its data")
    if "max number of clients" in text:
        return Refused("down", "full", "no more connections are taken")
    return Refused("down", "server", word)


def info_of(text: str) -> dict[str, str]:
    """The answer to INFO by name."""
    pairs = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {name: value for name, divider, value in pairs if divider}


def figures_of(info: Mapping[str, str]) -> dict[str, float]:
    """Memory, connections and the replica's lag; what isn't limited has no limit."""
    names = {
        "memory_bytes": "used_memory",
        "memory_limit_bytes": "maxmemory",
        "sessions": "connected_clients",
        "sessions_limit": "maxclients",
        "replication_lag_seconds": "master_last_io_seconds_ago",
    }
    found = {figure: info[name] for figure, name in names.items() if info.get(name, "").isdigit()}
    if found.get("memory_limit_bytes") == "0":
        del found["memory_limit_bytes"]
    return {figure: float(value) for figure, value in found.items()}
