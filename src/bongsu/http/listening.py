"""Taking connections on a bound socket, in the clear or over TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Protocol

from bongsu.http.limits import ServerLimits
from bongsu.http.porch import FAREWELL, Porch, can_wait


class Listening(Protocol):
    """What takes connections."""

    def close(self) -> None:
        """Take no more; the socket is closed too."""
        ...

    async def wait_closed(self) -> None:
        """Wait until that is done."""
        ...


async def listen(
    make: Callable[[], asyncio.BaseProtocol],
    sock: socket.socket,
    *,
    backlog: int,
    tls: ssl.SSLContext | None,
    limits: ServerLimits,
    refused: Callable[[str], None],
    seconds: float | None = None,
) -> Listening:
    """Take connections; over TLS where there is a context for it, within the bounds of `Porch`.

    Connections inherit that nothing is held back (TCP_NODELAY): asyncio's own loop only sees to it where a socket was
    made with a protocol's number, and the body of each answer came 40 ms after its head, once that was acknowledged.
    """
    loop = asyncio.get_running_loop()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls is None:
        return await loop.create_server(make, sock=sock, backlog=backlog)
    if can_wait():
        porch = Porch(make, sock, tls=tls, limits=limits, refused=refused, seconds=seconds)
        porch.open(backlog)
        return porch
    return await loop.create_server(
        make,
        sock=sock,
        backlog=backlog,
        ssl=tls,
        ssl_handshake_timeout=limits.head_seconds if seconds is None else seconds,
        ssl_shutdown_timeout=FAREWELL,
    )
