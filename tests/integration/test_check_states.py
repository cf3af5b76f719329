"""States in a real Redis that goes away and comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis as redis_package

from bongsu.clock import SystemClock
from bongsu.collect.checks.states import PREFIX, RedisStates, redis_states
from bongsu.model.check import Outcome, Phases, Standing
from bongsu.settings.model import Settings
from bongsu.settings.redis import RedisAddress, address_of
from tests.fakes.authority import Authority
from tests.fakes.clock import VirtualClock
from tests.fakes.redis import PrivateRedis, free_port

STANDING = Standing(
    state="rate_limited",
    since=5,
    refusals=2,
    probes=9,
    next_at=10**13,
    outcome=Outcome(at=4, state="rate_limited", reason="quota", phases=Phases(tls=1.5), figures={"a": 1.0}),
)


def at(url: str, **more: Any) -> RedisAddress:
    """The address out of settings."""
    address = address_of(Settings.model_validate({"redis": {"url": url, **more}}).redis, patience=15.0)
    assert address is not None
    return address


def figures(states: RedisStates) -> dict[str, float]:
    """What it tells about itself."""
    return {one.metric: one.value for one in states.figures()}


@pytest.mark.guide("G104")
async def test_states_live_in_redis_for_their_time(program: Callable[..., str]) -> None:
    """A state is found by another process, whole, and lives for as long as was said."""
    with PrivateRedis(program) as server:
        states = redis_states(at(server.url), clock=SystemClock())
        await states.remember("marketplace:naver", STANDING, ttl_ms=180_000)
        other = redis_states(at(server.url), clock=SystemClock())
        assert await other.recall("marketplace:naver") == STANDING
        assert await other.recall("marketplace:coupang") is None
        with redis_package.Redis.from_url(server.url) as client:
            left = client.pttl(PREFIX + "marketplace:naver")
            assert isinstance(left, int)
            assert 170_000 < left <= 180_000
            client.set(PREFIX + "marketplace:11st", b"{other version")
        assert await other.recall("marketplace:11st") is None
        await states.close()
        await other.close()


@pytest.mark.guide("G104")
async def test_redis_may_go_away_and_come_back(program: Callable[..., str]) -> None:
    """While Redis is away states are kept in memory and nothing waits; once it is back it is written again."""
    clock = VirtualClock()
    with PrivateRedis(program) as server:
        states = redis_states(at(server.url), clock=clock)
        await states.remember("a", STANDING, ttl_ms=180_000)
        assert figures(states)["bongsu_checks_redis_up"] == 1
        server.stop()
        await states.remember("a", STANDING, ttl_ms=180_000)
        await states.remember("b", STANDING, ttl_ms=180_000)
        assert await states.recall("b") == STANDING
        assert figures(states) == {"bongsu_checks_redis_up": 0, "bongsu_checks_redis_errors_total": 1}
        server.start()
        await clock.advance(6)
        await states.remember("b", STANDING, ttl_ms=180_000)
        assert figures(states)["bongsu_checks_redis_up"] == 1
        with redis_package.Redis.from_url(server.url) as client:
            assert client.exists(PREFIX + "b")
        await states.close()


async def test_a_redis_that_never_was_there_harms_nothing() -> None:
    """An address nobody listens on costs an error each few seconds, no more."""
    states = redis_states(at(f"redis://:s3cret-pw@127.0.0.1:{free_port()}"), clock=VirtualClock())
    for _ in range(5):
        await states.remember("a", STANDING, ttl_ms=1_000)
    assert figures(states)["bongsu_checks_redis_errors_total"] == 1
    assert await states.recall("a") == STANDING
    await states.close()


@pytest.mark.guide("G123")
@pytest.mark.guide("G058")
async def test_states_over_tls_with_a_password(program: Callable[..., str], tmp_path: Path) -> None:
    """Over TLS with the password of the settings; without the authority, or with a wrong password, nothing is kept."""
    folder = Authority(tmp_path).issue("127.0.0.1")
    ca = str(tmp_path / "ca.pem")
    with PrivateRedis(program, password="hunter22", tls=folder) as server:
        url = f"rediss://127.0.0.1:{server.port}/0"
        ups = []
        for options in (
            {"password": "hunter22", "tls_ca": ca},
            {"password": "hunter22"},
            {"password": "hunter23", "tls_ca": ca},
            {"tls_ca": ca},
        ):
            states = redis_states(at(url, **options), clock=SystemClock())
            await states.remember("a:1", STANDING, ttl_ms=60_000)
            ups.append(figures(states)["bongsu_checks_redis_up"])
            await states.close()
        reader = redis_states(at(url, password="hunter22", tls_ca=ca), clock=SystemClock())
        assert await reader.recall("a:1") == STANDING
        await reader.close()
    assert ups == [1, 0, 0, 0]
