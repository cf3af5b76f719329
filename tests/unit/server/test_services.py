"""`GET /api/v1/services`: availability, and over how long."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import jsonschema
import pytest

from bongsu.model.request import Requests
from bongsu.server.openapi import document
from tests.fakes.server import Stand, running

MINUTE = 60_000


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """A running server with a service that answered its first requests ten minutes ago, and one a minute since."""
    async with running(Stand()) as stand:
        stand.services.take([Requests(service="checkout", ms=10.0, status=200)])
        series = stand.table.intern("service_requests_total", (("service", "checkout"),))
        now = stand.clock.now()
        stand.measurements.rows += [(series, now - back * MINUTE, 1.0) for back in range(10, -1, -1)]
        yield stand


@pytest.mark.guide("G011")
async def test_a_short_watch_is_told_as_one(stand: Stand) -> None:
    """Ten minutes without an error are told as 100 % of ten minutes, also of 7 and 30 days."""
    async with httpx.AsyncClient(base_url=stand.url) as client:
        answer = (await client.get("/api/v1/services")).json()
    jsonschema.validate(answer, {"$ref": "#/components/schemas/Services", "components": document()["components"]})
    (one,) = answer["services"]
    assert one["availability"] == {"24h": 100.0, "7d": 100.0, "30d": 100.0}
    assert all(9 * MINUTE <= watched <= 11 * MINUTE for watched in one["watched_ms"].values())
    assert list(one["watched_ms"]) == ["24h", "7d", "30d"]
    assert 9 * MINUTE <= answer["at"] - one["watched_since"] <= 11 * MINUTE
