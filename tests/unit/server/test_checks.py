"""`GET /api/v1/checks` and `/connections` over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import jsonschema
import pytest

from bongsu.model.check import CheckStatus, Kind, Outcome, Phases, Standing, State
from bongsu.model.share import Share
from bongsu.server.openapi import document
from tests.fakes.server import Stand, running

DOCUMENT = document()
DAY = 86_400_000


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """A running server that watches two marketplaces, a check and a connection."""
    async with running(Stand()) as stand:
        now = stand.clock.now()
        stand.checks.listed = [
            status("marketplace", "coupang", "up", now),
            status("marketplace", "11st", "auth_failed", now),
            status("check", "shop", "down", now),
            status("connection", "orders", "up", now),
        ]
        yield stand


def status(kind: Kind, name: str, state: State, now: int) -> CheckStatus:
    """How one thing stands."""
    outcome = Outcome(
        at=now, state=state, status=200, response_ms=12.5, phases=Phases(dns=1.5), certificate_ends=now + 3 * DAY
    )
    return CheckStatus(
        kind=kind,
        name=name,
        title_ko=name,
        title_en=name,
        protocol="https",
        target="https://x",
        interval_ms=60_000,
        standing=Standing(state=state, since=now, outcome=outcome, probes=1),
        availability={"24h": Share(percent=99.5, since=now - 600_000, watched_ms=540_000, step=60_000)},
    )


async def get(stand: Stand, path: str) -> httpx.Response:
    """One answer."""
    async with httpx.AsyncClient(base_url=stand.url) as client:
        return await client.get(path)


@pytest.mark.guide("G116")
async def test_checks_come_worst_first(stand: Stand) -> None:
    """State, response time and availability of each marketplace and check, as the description says."""
    answer = await get(stand, "/api/v1/checks")
    jsonschema.validate(answer.json(), {"$ref": "#/components/schemas/Checks", "components": DOCUMENT["components"]})
    found: list[dict[str, Any]] = answer.json()["checks"]
    assert [(one["name"], one["state"]) for one in found] == [
        ("shop", "down"),
        ("11st", "auth_failed"),
        ("coupang", "up"),
    ]
    assert found[0]["response_ms"] == 12.5
    assert found[0]["phases"] == {"dns": 1.5}
    assert found[0]["availability"] == {"24h": 99.5}
    assert found[0]["watched_ms"] == {"24h": 540_000}
    assert found[0]["watched_since"] == found[0]["checked_at"] - 600_000
    assert 2.9 < found[0]["certificate_days"] <= 3


async def test_connections_stand_apart(stand: Stand) -> None:
    """Connections have an answer of their own."""
    answer = await get(stand, "/api/v1/connections")
    jsonschema.validate(
        answer.json(), {"$ref": "#/components/schemas/Connections", "components": DOCUMENT["components"]}
    )
    assert [one["name"] for one in answer.json()["connections"]] == ["orders"]


async def test_they_can_be_narrowed(stand: Stand) -> None:
    """By name and by state; an unknown state is told as a problem."""
    assert [one["name"] for one in (await get(stand, "/api/v1/checks?state=down")).json()["checks"]] == ["shop"]
    assert [one["name"] for one in (await get(stand, "/api/v1/checks?name=11st")).json()["checks"]] == ["11st"]
    assert (await get(stand, "/api/v1/checks?state=sad")).status_code == 400
    assert (await get(stand, "/api/v1/connections?nmae=x")).status_code == 400
