"""From a host's name to a connected socket, in time-boxed steps that each tell how long they took."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from bongsu.collect.threads import Threads
from bongsu.ports import Clock
from bongsu.settings.inner import is_inner

Failure: TypeAlias = Literal["dns", "connect", "tls", "timeout", "protocol"]
Address: TypeAlias = tuple[socket.AddressFamily, Any]
_MOST_ADDRESSES = 4
_TRY = 3.0
"""Seconds that one of several addresses gets before the next is tried."""


class ProbeFailed(Exception):
    """No answer came. `kind` says in which part, `detail` what was said, without secrets."""

    def __init__(self, kind: Failure, detail: str) -> None:
        super().__init__(detail)
        self.kind: Failure = kind
        self.detail = detail


Resolve: TypeAlias = Callable[[str, int], list[Address]]
"""Asks a resolver, and blocks while it does."""


def system_addresses(host: str, port: int) -> list[Address]:
    """What the operating system says.

    Raises:
        OSError, UnicodeError: the name isn't known, or none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class Lookup:
    """Finds addresses in threads of its own, so that a resolver that hangs holds up nobody else's.

    Whoever connects takes `addresses`, and connects to those: they were looked at, and a name that says something else
    a moment later (DNS rebinding) gains nothing.
    """

    def __init__(self, threads: Threads, *, resolve: Resolve = system_addresses) -> None:
        self._threads = threads
        self._resolve = resolve

    async def addresses(self, host: str, port: int) -> list[Address]:
        """Where the host may be asked, in the system's order, a few at most.

        Raises:
            ProbeFailed: the name doesn't exist, the resolver doesn't answer, or it leads to link-local addresses and
                metadata services alone.
        """
        found = await self.told(host, port)
        outer = [one for one in found if not is_inner(str(one[1][0]))]
        if found and not outer:
            raise ProbeFailed(
                "dns", f"{host} leads to {found[0][1][0]}, a link-local address or a metadata service: it isn't asked"
            )
        return outer[:_MOST_ADDRESSES]

    async def told(self, host: str, port: int) -> list[Address]:
        """What the resolver says, to be told and not to be asked.

        Raises:
            ProbeFailed: the name doesn't exist or the resolver doesn't answer.
        """
        literal = _literal(host, port)
        if literal is not None:
            return [literal]
        try:
            found: list[Address] = await self.in_thread(lambda: self._resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise ProbeFailed("dns", f"{host} can't be found: {_said(error)}") from None
        return found

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        """What `work` gives; when this is cancelled, the thread is written off and replaced."""
        call = self._threads.run(work)
        try:
            return await call.future
        except asyncio.CancelledError:
            if call.running:
                self._threads.write_off(call)
            raise


async def connected(addresses: list[Address]) -> socket.socket:
    """A socket connected to the first address that takes it.

    Raises:
        ProbeFailed: none does.
    """
    loop = asyncio.get_running_loop()
    said = "no address"
    for index, (family, address) in enumerate(addresses):
        last = index == len(addresses) - 1
        one = socket.socket(family, socket.SOCK_STREAM)
        one.setblocking(False)
        try:
            async with asyncio.timeout(None if last else _TRY):
                await loop.sock_connect(one, address)
        except (OSError, TimeoutError) as error:
            one.close()
            said = f"{address[0]} port {address[1]}: {_said(error)}"
        except BaseException:
            one.close()
            raise
        else:
            return one
    raise ProbeFailed("connect", said)


async def opened(
    one: socket.socket, tls: ssl.SSLContext | None, host: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Streams over a connected socket, once TLS stands where it is wanted; `host` is the name to be certified.

    Raises:
        ProbeFailed: no TLS, or a certificate that isn't trusted.
    """
    try:
        return await asyncio.open_connection(sock=one, ssl=tls, server_hostname=host if tls else None)
    except ssl.SSLCertVerificationError as error:
        raise ProbeFailed("tls", f"the certificate isn't trusted: {error.verify_message}") from None
    except (ssl.SSLError, OSError) as error:
        raise ProbeFailed("tls", f"no TLS: {getattr(error, 'reason', None) or type(error).__name__}") from None


def certificate_ends(writer: asyncio.StreamWriter) -> int | None:
    """Until when the other side's certificate holds, UTC ms."""
    certificate = writer.get_extra_info("peercert") or {}
    ends = certificate.get("notAfter")
    return ssl.cert_time_to_seconds(ends) * 1000 if isinstance(ends, str) else None


def since(began: float, clock: Clock) -> float:
    """Milliseconds since a monotonic moment, to a hundredth."""
    return round((clock.monotonic() - began) * 1000, 2)


def _literal(host: str, port: int) -> Address | None:
    try:
        kind = ipaddress.ip_address(host)
    except ValueError:
        return None
    if kind.version == 4:
        return socket.AF_INET, (host, port)
    return socket.AF_INET6, (host, port, 0, 0)


def _said(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    number = getattr(error, "errno", None)
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror) and number:
        return os.strerror(number)
    return getattr(error, "strerror", None) or type(error).__name__
