"""Whatever a client sends, the server stays up and other clients hear everything."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bongsu.live import Gateway, SameHost
from bongsu.live.connection import Connection
from tests.unit.live.wires import Stage, messages

HEAD = (
    b"GET /live HTTP/1.1\r\nHost: localhost:8080\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%b\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
commands = st.fixed_dictionaries(
    {"op": st.sampled_from(["subscribe", "unsubscribe"]) | json_values},
    optional={
        "topics": st.lists(st.sampled_from(["system", "custom", "weather"]), max_size=3) | json_values,
        "interval_ms": st.integers(-5, 100_000) | json_values,
        "resume": st.fixed_dictionaries({"boot": st.sampled_from(["b", "x"]), "seq": st.integers(-1, 50)})
        | json_values,
    },
).map(lambda command: json.dumps(command).encode())


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """A client's frame: mostly well formed, with whatever in it."""
    payload = draw(commands | st.binary(max_size=300))[:4_096]
    first = draw(
        st.sampled_from([0x81, 0x81, 0x81, 0x01, 0x80, 0x00, 0x82, 0x88, 0x89, 0x8A, 0xC1]) | st.integers(0, 255)
    )
    small = len(payload) < 126
    length = bytes([0x80 | len(payload)]) if small else b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes([first]) + length + bytes(4) + payload


class FakeTransport:
    """Takes what is written; closes when told."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.written = b""
        self.closed = False
        connection.connection_made(cast(asyncio.BaseTransport, self))

    def set_write_buffer_limits(self, high: int, low: int) -> None:
        """As a socket's transport has it."""

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", 1) if name == "peername" else None

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.connection.connection_lost(None)

    abort = close

    def feed(self, data: bytes) -> None:
        if not self.closed:
            self.connection.data_received(data)

    def end(self) -> None:
        """The client closes its side: asyncio then closes the socket, unless the protocol objects."""
        if not self.closed and not self.connection.eof_received():
            self.close()

    def told(self) -> list[dict[str, Any]]:
        return list(messages(self.written.partition(b"\r\n\r\n")[2]))


async def listening(gateway: Gateway) -> FakeTransport:
    """A well-behaved client."""
    transport = FakeTransport(gateway.upgraded())
    transport.feed(HEAD % b"")
    payload = b'{"op":"subscribe","topics":["custom"],"interval_ms":1000}'
    transport.feed(b"\x81" + bytes([0x80 | len(payload)]) + bytes(4) + payload)
    return transport


async def harmless(chunks: list[bytes]) -> None:
    stage = Stage()
    gateway = Gateway(hub=stage.hub, clock=stage.clock, check=SameHost())
    tasks = [asyncio.create_task(one) for one in (stage.hub.run(), gateway.run())]
    good, bad = await listening(gateway), FakeTransport(gateway.upgraded())
    for number, chunk in enumerate(chunks):
        bad.feed(chunk)
        await stage.clock.advance(1.0, settle=4)
        stage.publish(("x", float(number)))
    bad.end()
    await stage.clock.advance(6.0, settle=4)
    assert bad.closed
    told = [frame for frame in good.told() if frame["t"] == "update"]
    assert [frame["metrics"][0]["value"] for frame in told] == [float(number) for number in range(len(chunks))]
    assert gateway.clients == 1
    for task in tasks:
        assert not task.done()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(frames() | st.binary(max_size=100), min_size=1, max_size=8), st.booleans())
def test_no_frames_harm_anybody(chunks: list[bytes], deflate: bool) -> None:
    """After a good handshake: frames good, half and broken."""
    asyncio.run(harmless([HEAD % (DEFLATE if deflate else b""), *chunks]))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.binary(max_size=200) | st.sampled_from([HEAD % b"", b"\r\n\r\n", b"GET / HTTP/1.1\r\n"]), max_size=6)
)
def test_no_handshake_harms_anybody(chunks: list[bytes]) -> None:
    """Before the handshake is complete: anything at all."""
    asyncio.run(harmless(chunks))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_how_the_bytes_are_cut_makes_no_difference(data: st.DataObject) -> None:
    """A handshake and a command are understood in whatever pieces they come."""
    payload = b'{"op":"subscribe","topics":["custom"]}'
    sent = HEAD % b"" + b"\x81" + bytes([0x80 | len(payload)]) + bytes(4) + payload
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))

    async def cut() -> list[dict[str, Any]]:
        stage = Stage()
        gateway = Gateway(hub=stage.hub, clock=stage.clock, check=SameHost())
        transport = FakeTransport(gateway.upgraded())
        for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            transport.feed(sent[begin:end])
        return transport.told()

    assert [frame["t"] for frame in asyncio.run(cut())] == ["hello", "snapshot"]
