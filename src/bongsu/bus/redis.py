"""The bus on Redis: Pub/Sub for what is told, plain keys for what is kept, a key with a time to live for the owner."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from bongsu.bus_ports import BusAway, BusTaken, Claim
from bongsu.settings.redis import RedisAddress

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

CHANNEL = "bongsu:live"
OWNER = "{bongsu}:owner"
TERM = "{bongsu}:term"
"""In braces the part that places both keys on the same node of a Redis Cluster: one script reads both."""

LEASE_MS = 10_000
"""How long a claim holds after its owner's last word."""

PATIENCE = 1.0
"""Seconds that Redis gets for one command."""

_CLAIM = """
-- A term is never below the time in ms: a Redis that was emptied goes on above what it once gave.
local held = redis.call('GET', KEYS[1])
local mine = ARGV[1] .. '|' .. ARGV[2]
if held and held ~= mine and string.sub(held, 1, #ARGV[1] + 1) ~= ARGV[1] .. '|' then
  return {-1, held, redis.call('PTTL', KEYS[1])}
end
local term = tonumber(redis.call('GET', KEYS[2]) or '0')
if held ~= mine or term == 0 then
  local time = redis.call('TIME')
  term = math.max(term + 1, time[1] * 1000 + math.floor(time[2] / 1000))
  redis.call('SET', KEYS[2], string.format('%d', term))
end
redis.call('SET', KEYS[1], mine, 'PX', ARGV[3])
return {term, mine}
"""
_TELL = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return 1
"""

T = TypeVar("T")


def identity_of(data_dir: str) -> str:
    """What stays of a server over restarts: this machine's name and the folder of its data."""
    return f"{socket.gethostname()}:{Path(data_dir).resolve()}".replace("|", "/")


class RedisBus:
    """Implements the port `Bus`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._claim = self._client.register_script(_CLAIM)
        self._tell = self._client.register_script(_TELL)
        self._release = self._client.register_script(_RELEASE)

    async def claim(self, identity: str, boot: str) -> Claim:
        """SET with a time to live, unless somebody else's stands there."""
        asked = self._claim(keys=[OWNER, TERM], args=[identity, boot, LEASE_MS])
        term, holder, *left = cast("tuple[int, bytes, int]", await _within(asked))
        if term < 0:
            raise BusTaken(holder.decode(errors="replace"), left=left[0] / 1_000)
        return Claim(identity=identity, boot=boot, term=term)

    async def tell(self, claim: Claim, message: bytes) -> bool:
        """PUBLISH, only while the key is ours: one script, so that nobody comes between."""
        asked = self._tell(keys=[OWNER], args=[claim.holder, LEASE_MS, CHANNEL, message])
        return bool(await _within(asked))

    async def release(self, claim: Claim) -> None:
        """DEL, if it is ours."""
        with contextlib.suppress(BusAway):
            await _within(self._release(keys=[OWNER], args=[claim.holder]))

    async def keep(self, name: str, value: bytes, *, seconds: int) -> None:
        """SETEX."""
        await _within(self._client.set(name, value, ex=seconds))

    async def kept(self, name: str) -> bytes | None:
        """GET."""
        return cast("bytes | None", await _within(self._client.get(name)))

    async def hear(self) -> _RedisHearing:
        """SUBSCRIBE, and wait until Redis says that it is done."""
        listening = self._client.pubsub()
        try:
            await _within(listening.subscribe(CHANNEL))
            await _within(_subscribed(listening))
        except BaseException:
            await _let_go(listening)
            raise
        return _RedisHearing(listening)

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(OSError):
            await self._client.aclose()


def redis_bus(address: RedisAddress) -> RedisBus:
    """The bus on the Redis at this address.

    Raises:
        ModuleNotFoundError: the package isn't installed.
    """
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    # without tries of its own: a connection that was lost is ours to know, for with it messages were
    return RedisBus(Redis.from_url(address.url, **address.options, retry=Retry(NoBackoff(), 0)))


class _RedisHearing:
    """One subscription on a connection of its own."""

    def __init__(self, listening: PubSub) -> None:
        self._listening = listening

    async def next(self) -> bytes:
        """The next message."""
        while True:
            with _away():
                heard = await self._listening.get_message(ignore_subscribe_messages=False, timeout=None)
            if heard is None:
                continue
            if heard["type"] == "subscribe":  # the client connected anew by itself: what was told meanwhile is lost
                raise BusAway("the connection was lost")
            if heard["type"] == "message":
                return cast("bytes", heard["data"])

    async def close(self) -> None:
        """Close the connection."""
        await _let_go(self._listening)


async def _subscribed(listening: PubSub) -> None:
    while (heard := await listening.get_message(timeout=PATIENCE)) is None or heard["type"] != "subscribe":
        pass


async def _let_go(listening: PubSub) -> None:
    with contextlib.suppress(Exception):
        await listening.aclose()  # type: ignore[no-untyped-call]


async def _within(asked: Awaitable[T] | Any) -> T:
    with _away():
        async with asyncio.timeout(PATIENCE):
            return cast("T", await asked)


@contextlib.contextmanager
def _away() -> Iterator[None]:
    """Whatever can go wrong on the way to Redis, as the one error of the port."""
    from redis.exceptions import RedisError

    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise BusAway(type(error).__name__) from error
