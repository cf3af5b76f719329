"""What a connection does about time and the socket when it answers without parsing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from bongsu.clock import SystemClock
from bongsu.http.connection import BoundedConfig, BoundedConnection, Dates, _behind
from bongsu.http.crowd import Crowd
from bongsu.http.limits import ServerLimits
from tests.fakes.transport import TimedLoop, Transport

QUESTION = b"GET /quick?a HTTP/1.1\r\nhost: a\r\n\r\n"


class Quick:
    """Answers everything."""

    def answer(self, url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        return [b"content-length: 2\r\n\r\n", b"ok"]

    def answer_again(self, path: bytes, query: bytes, headers: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        return self.answer(path, headers)


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Is never asked."""
    raise AssertionError("the application was asked")


def connected(loop: TimedLoop, transport: Transport) -> tuple[BoundedConnection, Crowd]:
    """A connection whose idle time is 30 s, and who else is there."""
    limits = ServerLimits(idle_seconds=30)
    crowd = Crowd(limits, SystemClock())
    config = BoundedConfig(nothing, limits=limits, crowd=crowd, at_once=Quick(), log_config=None, lifespan="off")
    connection = BoundedConnection(config, ServerState(), {}, loop)  # type: ignore[arg-type]
    connection.connection_made(transport)
    return connection, crowd


def test_silence_is_counted_from_the_last_answer() -> None:
    """It closes once it was silent for its time and not before, with one timer however often it asks."""
    loop, transport = TimedLoop(), Transport()
    connection, _ = connected(loop, transport)
    for _ in range(20):
        connection.data_received(QUESTION)
        assert loop.timers == 1
        loop.pass_time(7.0)
        assert not transport.closed
    assert transport.sent.count(b"ok") == 20
    loop.pass_time(22.9)
    assert not transport.closed
    loop.pass_time(0.2)
    assert transport.closed


def test_who_asked_last_goes_last() -> None:
    """When room must be made, whoever has been silent for longest goes; a question asked again counts."""
    limits = ServerLimits(connections=2)
    crowd = Crowd(limits, SystemClock())
    config = BoundedConfig(nothing, limits=limits, crowd=crowd, at_once=Quick(), log_config=None, lifespan="off")
    transports = [Transport() for _ in range(3)]
    connections = [BoundedConnection(config, ServerState(), {}, TimedLoop()) for _ in range(3)]  # type: ignore[arg-type]
    for one in (0, 1):
        connections[one].connection_made(transports[one])
        connections[one].data_received(QUESTION)
    connections[0].data_received(QUESTION)
    connections[2].connection_made(transports[2])
    assert [transport.closed for transport in transports] == [False, True, False]


def test_a_deaf_client_is_not_answered_further() -> None:
    """While what was sent before isn't taken, requests wait their turn as ever."""
    loop, transport = TimedLoop(), Transport()
    connection, _ = connected(loop, transport)
    connection.data_received(QUESTION)
    connection.data_received(QUESTION)
    connection.pause_writing()
    assert connection._usual is not None
    assert not connection._answers_again(QUESTION, connection._usual)
    assert transport.sent.count(b"ok") == 2


async def test_what_the_system_does_not_take_at_once_follows() -> None:
    """Megabytes to somebody who reads slowly come whole and in their order: head, pieces, and the next answer."""
    body = [bytes([n % 251]) * 40_000 for n in range(100)]

    class Large(Quick):
        def answer(self, url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
            return [b"content-length: %d\r\n\r\n" % sum(map(len, body)), *body]

    limits = ServerLimits()
    config = BoundedConfig(
        nothing,
        limits=limits,
        crowd=Crowd(limits, SystemClock()),
        at_once=Large(),
        log_config=None,
        lifespan="off",
    )
    loop = asyncio.get_running_loop()
    state = ServerState()
    server = await loop.create_server(lambda: BoundedConnection(config, state, {}), "127.0.0.1", 0)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
        client.setblocking(False)
        await loop.sock_connect(client, server.sockets[0].getsockname())
        for _ in range(2):
            await loop.sock_sendall(client, QUESTION)
            said = bytearray()
            while len(said) < 4_000_000 or not said.endswith(body[-1]):
                said += await loop.sock_recv(client, 1 << 18)
            head, _, rest = said.partition(b"\r\n\r\n")
            assert bytes(head).startswith(b"HTTP/1.1 200 OK\r\n")
            assert rest == b"".join(body)
    server.close()


def test_what_is_left_of_pieces() -> None:
    """However much of them is gone, the rest is what follows."""
    pieces: list[bytes | memoryview] = [b"head", memoryview(b"body of it"), b"", b"end"]
    for sent in range(18):
        assert b"".join(_behind(pieces, sent)) == b"headbody of itend"[sent:]


def test_the_date_is_that_of_the_server() -> None:
    """Made once for the headers of a second, anew for the next."""
    dates, first, second = Dates(), [(b"date", b"one")], [(b"date", b"two"), (b"x-a", b"1")]
    assert dates.lines(first) == b"HTTP/1.1 200 OK\r\ndate: one\r\n"
    assert dates.lines(first) is dates.lines(first)
    assert dates.lines(second) == b"HTTP/1.1 200 OK\r\ndate: two\r\nx-a: 1\r\n"
