"""Taking connections: what goes out goes at once, on every loop."""

from __future__ import annotations

import asyncio
import socket

from bongsu.http.limits import ServerLimits
from bongsu.http.listening import listen


async def test_nothing_is_held_back_on_the_loop_of_python_itself() -> None:
    """On a connection of asyncio's own loop small writes aren't kept until the last one is acknowledged."""
    asked: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    class Told(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            taken = transport.get_extra_info("socket")
            asked.set_result(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    sock = socket.create_server(("127.0.0.1", 0))
    listening = await listen(Told, sock, backlog=1, tls=None, limits=ServerLimits(), refused=lambda _: None)
    _, writer = await asyncio.open_connection(*sock.getsockname())
    assert await asyncio.wait_for(asked, 10) != 0
    writer.close()
    listening.close()
    await listening.wait_closed()
