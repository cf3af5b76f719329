"""Which addresses are asked, of those that a name leads to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from bongsu.clock import SystemClock
from bongsu.collect.checks.exchange import Exchanger, Request
from bongsu.collect.checks.lookup import Address, Lookup, ProbeFailed
from bongsu.collect.threads import Threads


@pytest.fixture
def threads() -> Iterator[Threads]:
    """Threads that end with the test."""
    pool = Threads(limit=1, spare=1, name="lookup")
    yield pool
    pool.close()


class Resolver:
    """Gives one list of addresses after the other, the last for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[Address]:
        """The next answer."""
        self.asked += 1
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [(socket.AF_INET6, (one, port, 0, 0)) if ":" in one else (socket.AF_INET, (one, port)) for one in found]


@pytest.mark.parametrize("inner", ["169.254.169.254", "fe80::1%eth0", "100.100.100.200", "fd00:ec2::254"])
async def test_inner_addresses_are_not_asked(threads: Threads, inner: str) -> None:
    """Alone they are refused with name and address; among others they are passed over; to be told they stay."""
    with pytest.raises(ProbeFailed, match=f"a.example.kr leads to {inner}"):
        await Lookup(threads, resolve=Resolver([inner])).addresses("a.example.kr", 80)
    mixed = Lookup(threads, resolve=Resolver([inner, "203.0.113.5"]))
    assert [address[0] for _, address in await mixed.addresses("a.example.kr", 80)] == ["203.0.113.5"]
    assert len(await mixed.told("a.example.kr", 80)) == 2
    with pytest.raises(ProbeFailed, match="link-local"):
        await mixed.addresses(inner.partition("%")[0], 80)


async def test_a_name_is_resolved_once(threads: Threads) -> None:
    """An exchange goes to the address that was looked at, though the name leads to a metadata service by then."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    resolver = Resolver(["127.0.0.1"], ["169.254.169.254"])
    exchanger = Exchanger(lookup=Lookup(threads, resolve=resolver), clock=SystemClock())
    async with server:
        request = Request(url=f"http://rebound.example.kr:{server.sockets[0].getsockname()[1]}/")
        assert (await exchanger.exchange(request, timeout=5)).status == 200
        assert resolver.asked == 1
        refused = await exchanger.exchange(request, timeout=5)
    assert (refused.status, refused.failure) == (None, "dns")
    assert "169.254.169.254" in refused.detail
