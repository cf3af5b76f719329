"""Connections to where the settings lead, and never to a metadata service: what a name resolves to is looked at, and
what was looked at is connected to. A name that says something else a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeAlias

import httpcore

from bongsu.settings.inner import is_inner

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Finds the addresses of a name, in the order in which they are to be tried."""


class InnerAddress(httpcore.ConnectError):
    """The name leads to a link-local address or a metadata service; the text names both."""


async def system_addresses(host: str, port: int) -> Sequence[str]:
    """What the operating system says.

    Raises:
        OSError: the name isn't known.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Outward(httpcore.AsyncNetworkBackend):
    """A network backend that resolves a name once. Certificates are verified by the name all the same."""

    def __init__(self, resolve: Resolve = system_addresses) -> None:
        self._resolve = resolve
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that takes it.

        Raises:
            httpcore.ConnectTimeout: none does in time.
            httpcore.ConnectError: none does; `InnerAddress` where none may be asked.
        """
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._outer(host, port)
                for address in addresses[:-1]:
                    try:
                        return await self._one(address, port, timeout, local_address, socket_options)
                    except (httpcore.ConnectError, httpcore.ConnectTimeout):
                        continue
                return await self._one(addresses[-1], port, timeout, local_address, socket_options)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"{host} didn't take the connection in time") from None

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts."""
        await self._backend.sleep(seconds)

    async def _one(
        self, address: str, port: int, seconds: float | None, local: str | None, options: Iterable[Any] | None
    ) -> httpcore.AsyncNetworkStream:
        return await self._backend.connect_tcp(
            address, port, timeout=seconds, local_address=local, socket_options=options
        )

    async def _outer(self, host: str, port: int) -> Sequence[str]:
        try:
            found = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(error.strerror or "the name isn't known") from error
        outer = [one for one in found if not is_inner(one)]
        if found and not outer:
            raise InnerAddress(f"it leads to {found[0]}, a link-local address or a metadata service")
        if not outer:
            raise httpcore.ConnectError("the name has no address")
        return outer
