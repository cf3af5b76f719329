"""Where states are remembered between probes and restarts: in Redis with a time to live, or in memory.

What matters most in it is who asked to be left alone: after a restart nobody is asked sooner than before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Iterable
from typing import Any, Protocol, cast

import msgspec
import structlog

from bongsu.model.check import Standing
from bongsu.model.sample import Sample
from bongsu.ports import Clock
from bongsu.settings.redis import RedisAddress

PREFIX = "bongsu:check:"
PATIENCE = 1.0
"""Seconds that Redis gets for one command."""
_PAUSE = 5.0
"""Seconds for which a Redis that doesn't answer isn't asked again."""
_log = structlog.get_logger(__name__)


class StateStore(Protocol):
    """Keeps the newest standing of each target."""

    async def remember(self, key: str, standing: Standing, *, ttl_ms: int) -> None:
        """Keep it for that long; never raises."""
        ...

    async def recall(self, key: str) -> Standing | None:
        """The standing, unless it is too old or unknown; never raises."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

    def figures(self) -> Iterable[Sample]:
        """Whether it works."""
        ...


class MemoryStates:
    """In this process alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[int, Standing]] = {}

    async def remember(self, key: str, standing: Standing, *, ttl_ms: int) -> None:
        """Keep it for that long."""
        self._kept[key] = (self._clock.now() + ttl_ms, standing)

    async def recall(self, key: str) -> Standing | None:
        """The standing, unless it is too old."""
        until, standing = self._kept.get(key, (0, None))
        return standing if self._clock.now() < until else None

    async def close(self) -> None:
        """Nothing is held."""

    def figures(self) -> Iterable[Sample]:
        """Nothing can fail here."""
        return ()


class Commands(Protocol):
    """What is used of a Redis client."""

    def set(self, name: str, value: bytes, *, px: int) -> Awaitable[Any]:
        """Keep a value for `px` ms."""
        ...

    def get(self, name: str) -> Awaitable[Any]:
        """The value or None."""
        ...

    def aclose(self) -> Awaitable[None]:
        """Close the connections."""
        ...


class RedisStates:
    """In Redis, and in memory beside it: while Redis is away, what this process knows still holds."""

    def __init__(self, client: Commands, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._own = MemoryStates(clock)
        self._away_until = 0.0
        self._errors = 0
        self._failing = False

    async def remember(self, key: str, standing: Standing, *, ttl_ms: int) -> None:
        """Keep it in both."""
        await self._own.remember(key, standing, ttl_ms=ttl_ms)
        await self._ask(self._set(key, msgspec.json.encode(standing), ttl_ms))

    async def recall(self, key: str) -> Standing | None:
        """What Redis knows, else what this process knows."""
        text = await self._ask(self._get(key))
        try:
            return msgspec.json.decode(text, type=Standing) if text else await self._own.recall(key)
        except msgspec.DecodeError:
            return None  # written by another version

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(OSError):
            await self._client.aclose()

    async def _set(self, key: str, value: bytes, ttl_ms: int) -> None:
        await self._client.set(PREFIX + key, value, px=ttl_ms)

    async def _get(self, key: str) -> bytes | None:
        return cast("bytes | None", await self._client.get(PREFIX + key))

    async def _ask(self, command: Any) -> Any:
        from redis.exceptions import RedisError

        if self._clock.monotonic() < self._away_until:
            command.close()
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                given = await command
        except (RedisError, OSError, TimeoutError) as error:
            self._errors += 1
            self._away_until = self._clock.monotonic() + _PAUSE
            if not self._failing:
                _log.warning("redis doesn't answer; states are kept in memory meanwhile", error=type(error).__name__)
            self._failing = True
            return None
        if self._failing:
            _log.info("redis answers again")
        self._failing = False
        return given

    def figures(self) -> Iterable[Sample]:
        """Whether Redis answers, and how often it didn't."""
        yield Sample(metric="bongsu_checks_redis_up", value=float(not self._failing))
        yield Sample(metric="bongsu_checks_redis_errors_total", value=float(self._errors))


def redis_states(address: RedisAddress, *, clock: Clock) -> RedisStates:
    """States in the Redis at this address.

    Raises:
        ModuleNotFoundError: the package isn't installed.
    """
    from redis.asyncio import Redis

    client = Redis.from_url(address.url, **address.options)
    return RedisStates(cast("Commands", client), clock=clock)
