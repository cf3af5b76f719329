"""What every `Bus` must do: the one within a process, and the one on a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from bongsu.bus.memory import Exchange, MemoryBus
from bongsu.bus.redis import redis_bus
from bongsu.bus_ports import Bus, BusAway, BusTaken, Claim
from bongsu.clock import SystemClock
from bongsu.settings.redis import Redis, address_of
from tests.fakes.redis import PrivateRedis


@dataclass
class Place:
    """Where buses of one kind meet: `bus()` makes another end, `away()` ends what is between them."""

    bus: Callable[[], Bus]
    away: Callable[[], None]
    lapse: Callable[[], None]


@pytest.fixture(scope="module")
def server(program: Callable[..., str]) -> Iterator[PrivateRedis]:
    """One Redis for all."""
    with PrivateRedis(program) as one:
        yield one


@pytest.fixture(params=["memory", "redis"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Each kind, empty."""
    if request.param == "memory":
        exchange = Exchange()

        def lapse() -> None:
            exchange.held = None

        yield Place(lambda: MemoryBus(exchange, clock=SystemClock()), exchange.cut, lapse)
        return
    import redis as package

    server: PrivateRedis = request.getfixturevalue("server")
    address = address_of(Redis(url=SecretStr(server.url)), patience=1.0)
    assert address is not None
    with package.Redis.from_url(server.url) as client:
        client.flushall()
        yield Place(lambda: redis_bus(address), server.stop, lambda: client.delete("{bongsu}:owner") and None)
    server.start()  # where it was stopped


@asynccontextmanager
async def ends(place: Place, count: int) -> AsyncIterator[list[Bus]]:
    """Several ends of one bus."""
    buses = [place.bus() for _ in range(count)]
    try:
        yield buses
    finally:
        for one in buses:
            await one.close()


async def test_all_who_listen_hear_everything_in_order(place: Place) -> None:
    """Messages of any bytes reach each listener, in the order told; one who comes later hears what is told later."""
    async with ends(place, 3) as (owner, first, second):
        claim = await owner.claim("kim:/data", "b1")
        one = await first.hear()
        assert await owner.tell(claim, b"\x00\xffone")
        two = await second.hear()
        assert await owner.tell(claim, b"two" * 50_000)
        assert [await one.next(), await one.next()] == [b"\x00\xffone", b"two" * 50_000]
        assert await two.next() == b"two" * 50_000
        await one.close()
        await two.close()


async def test_only_one_owns_it(place: Place) -> None:
    """A second identity is refused and told who holds it; the same one, started anew, takes over with a higher term."""
    async with ends(place, 3) as (owner, other, anew):
        claim = await owner.claim("kim:/data", "b1")
        assert await owner.claim("kim:/data", "b1") == claim
        with pytest.raises(BusTaken, match=r"kim:/data\|b1"):
            await other.claim("lee:/data", "b1")
        with pytest.raises(BusTaken):
            await other.claim("kim:/dat", "b1")
        successor = await anew.claim("kim:/data", "b2")
        assert successor.term > claim.term
        hearing = await other.hear()
        assert not await owner.tell(claim, b"a former owner's word")
        assert await anew.tell(successor, b"the owner's word")
        assert await hearing.next() == b"the owner's word"
        await hearing.close()


async def test_what_is_released_or_lapsed_is_free(place: Place) -> None:
    """After a release the next one comes in at once; a lapsed claim can't tell; a wrong release does nothing."""
    async with ends(place, 2) as (owner, other):
        claim = await owner.claim("kim", "b1")
        await other.release(Claim(identity="lee", boot="b1", term=claim.term))
        with pytest.raises(BusTaken):
            await other.claim("lee", "b1")
        await owner.release(claim)
        taken = await other.claim("lee", "b1")
        assert taken.term > claim.term
        place.lapse()
        assert not await other.tell(taken, b"too late")
        assert (await owner.claim("kim", "b1")).term > taken.term


@pytest.mark.guide("G053")
async def test_values_are_kept_for_their_time(place: Place) -> None:
    """What was left is read by another end, replaced by what is left later, and gone when its time is over."""
    async with ends(place, 2) as (owner, other):
        assert await other.kept("latest_metrics") is None
        await owner.keep("latest_metrics", b'{"a":1}', seconds=300)
        await owner.keep("latest_metrics", b'{"a":2}', seconds=300)
        await owner.keep("gone", b"x", seconds=1)
        assert await other.kept("latest_metrics") == b'{"a":2}'
        async with asyncio.timeout(5):
            while await other.kept("gone") is not None:  # noqa: ASYNC110 (a real time to live)
                await asyncio.sleep(0.02)


async def test_who_loses_the_bus_hears_so(place: Place) -> None:
    """Once it is away every call says so, also the one that waits for a message; releasing and closing say nothing."""
    async with ends(place, 2) as (owner, other):
        claim = await owner.claim("kim", "b1")
        hearing = await other.hear()
        place.away()
        async with asyncio.timeout(10):
            with pytest.raises(BusAway):
                await hearing.next()
            for asked in (
                owner.claim("kim", "b1"),
                owner.tell(claim, b"x"),
                owner.keep("a", b"b", seconds=5),
                owner.kept("a"),
                other.hear(),
            ):
                with pytest.raises(BusAway):
                    await asked
            await owner.release(claim)
            await hearing.close()
