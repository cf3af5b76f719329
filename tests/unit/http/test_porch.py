"""Who waits before a TLS handshake, who gets one, and who goes."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bongsu.http.limits import ServerLimits
from bongsu.http.porch import Porch
from tests.fakes.authority import Authority


class Echo(asyncio.Protocol):
    """Says again what it hears."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Say it."""
        self._transport.write(data)


class House:
    """A porch with its address, and what it refused."""

    def __init__(self, authority: Authority, **limits: float) -> None:
        folder = authority.issue()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        self.port = sock.getsockname()[1]
        self.refused: Counter[str] = Counter()
        self.porch = Porch(
            Echo,
            sock,
            tls=tls,
            limits=ServerLimits(**limits),  # type: ignore[arg-type]
            refused=lambda reason: self.refused.update([reason]),
        )
        self._trusted = ssl.create_default_context(cafile=authority.file)
        self.writers: list[asyncio.StreamWriter] = []

    async def come(self, text: bytes = b"") -> asyncio.StreamReader:
        """A connection that says this in the clear."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        writer.write(text)
        return reader

    async def echo(self) -> bytes:
        """What a proper client hears of its own."""
        trusted = self._trusted
        reader, writer = await asyncio.open_connection("localhost", self.port, ssl=trusted, family=socket.AF_INET)
        self.writers.append(writer)
        writer.write(b"hello")
        return await reader.read(5)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One for all houses."""
    folder: Path = tmp_path_factory.mktemp("ca")
    return Authority(folder)


@asynccontextmanager
async def opened(authority: Authority, **limits: float) -> AsyncIterator[House]:
    """A house that is open for ten seconds at most."""
    house = House(authority, **limits)
    house.porch.open(100)
    try:
        async with asyncio.timeout(10):
            yield house
    finally:
        house.porch.close()
        await house.porch.wait_closed()
        for writer in house.writers:
            writer.close()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait for the end; whether nothing was said before it. What wasn't read by the other side resets."""
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


async def until(happened: Callable[[], bool]) -> None:
    """Let the loop turn until it happened."""
    while not happened():  # noqa: ASYNC110 (the product offers no event for it)
        await asyncio.sleep(0)


async def test_a_proper_client_comes_in(authority: Authority) -> None:
    """Its connection is the protocol's, and nothing of it stays on the porch."""
    async with opened(authority) as house:
        assert await house.echo() == b"hello"
        assert await house.echo() == b"hello"
        assert (house.porch.waiting, house.porch.shaking, house.refused) == (0, 0, {})


async def test_silent_ones_go_in_time(authority: Authority) -> None:
    """Whoever says nothing is closed, and never had a handshake; so is what isn't TLS, at once."""
    async with opened(authority, head_seconds=0.2) as house:
        silent = [await house.come() for _ in range(3)]
        plain = await house.come(b"GET / HTTP/1.1\r\n\r\n")
        assert await ended(plain)
        assert house.refused == {"no-tls": 1}
        assert all([await ended(one) for one in silent])
        assert house.refused == {"no-tls": 1, "silent": 3}


async def test_the_longest_silent_makes_room(authority: Authority) -> None:
    """When all places are taken the oldest goes, and newcomers come in."""
    async with opened(authority, connections=2) as house:
        first, *_ = [await house.come() for _ in range(3)]
        assert await ended(first)
        assert await house.echo() == b"hello"
        assert house.refused["crowded"] >= 1
        assert house.porch.waiting <= 2


async def test_an_address_has_its_share(authority: Authority) -> None:
    """One more than its share is closed, and another has room again afterwards."""
    async with opened(authority, connections_per_address=1, count_loopback=True) as house:
        await house.come()
        await until(lambda: house.porch.waiting == 1)
        refused = await house.come()
        assert await ended(refused)
        assert house.refused == {"address": 1}
        house.writers[0].close()
        await until(lambda: house.porch.waiting == 0)
        assert await house.echo() == b"hello"


async def test_who_dawdles_in_a_handshake_goes_for_others(authority: Authority) -> None:
    """Only so many are under way; a newcomer gets a place of those that don't get on, the newest first."""
    async with opened(authority, handshakes=2, head_seconds=5) as house:
        dawdling = [await house.come(b"\x16\x03\x01") for _ in range(5)]
        await until(lambda: (house.porch.shaking, house.porch.waiting) == (2, 3))
        assert await house.echo() == b"hello"
        assert await ended(dawdling[0])
        assert house.refused["handshake"] >= 1
        assert house.porch.shaking <= 2


async def test_the_end_lets_go_of_everybody(authority: Authority) -> None:
    """Silent, waiting and in a handshake: all are closed with the porch."""
    async with opened(authority, handshakes=1) as house:
        everybody = [await house.come(text) for text in (b"", b"\x16\x03\x01", b"\x16\x03\x01")]
        await until(lambda: (house.porch.shaking, house.porch.waiting) == (1, 2))
        house.porch.close()
        assert all([await ended(one) for one in everybody])
        await until(lambda: house.porch.waiting + house.porch.shaking == 0)


def test_a_moment_that_is_over_already(authority: Authority) -> None:
    """On the product's own loop too, whose timers of no time aren't timers: all who are late go, and nothing breaks."""
    uvloop = pytest.importorskip("uvloop")
    broken: list[dict[str, object]] = []

    async def late() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: broken.append(told))
        async with opened(authority, head_seconds=0.0) as house:
            callers = [socket.create_connection(("127.0.0.1", house.port)) for _ in range(5)]
            await until(lambda: house.refused["silent"] == 5)
            for one in callers:
                one.close()

    uvloop.run(late())
    assert broken == []
