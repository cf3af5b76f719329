"""Anomalies over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import jsonschema
import pytest

from bongsu.model.anomaly import Anomaly
from bongsu.server.anomalies import AnomalyRoutes
from bongsu.server.openapi import document
from tests.fakes.server import Stand, running

SCHEMAS = document()["components"]["schemas"]


def fits(body: object, schema: str) -> None:
    """Raise unless the body fits the described schema."""
    jsonschema.validate(body, {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}})


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """A server with two anomalies."""
    stand = Stand()
    now = stand.clock.now()
    for back, host in ((3_600_000, "a"), (60_000, "b")):
        stand.anomalies.list.append(
            Anomaly(
                metric="cpu_usage",
                labels=(("host", host),),
                at=now - back,
                value=97.0,
                score=8.4,
                threshold=3.0,
                lower=2.0,
                upper=None,
                method="zscore",
            )
        )
    async with running(stand):
        yield stand


async def get(stand: Stand, path: str) -> httpx.Response:
    """The answer to a GET."""
    async with httpx.AsyncClient(base_url=stand.url, verify=False) as http:
        return await http.get(path)


async def test_the_list_is_newest_first_and_selected(stand: Stand) -> None:
    """Metric, labels, range and limit select; the body fits its description."""
    body = (await get(stand, "/api/v1/anomalies")).json()
    fits(body, "Anomalies")
    assert [one["labels"]["host"] for one in body["anomalies"]] == ["b", "a"]
    assert body["enabled"] is True
    for query, hosts in (
        ("metric=cpu_usage&label.host=a", ["a"]),
        ("metric=memory_usage", []),
        ("start=-10m", ["b"]),
        ("limit=1", ["b"]),
    ):
        found = (await get(stand, f"/api/v1/anomalies?{query}")).json()["anomalies"]
        assert [one["labels"]["host"] for one in found] == hosts


async def test_the_band_leaves_unknown_bounds_null(stand: Stand) -> None:
    """A point is time, value, lower, upper, score; long ranges are judged by steps of their own."""
    body = (await get(stand, "/api/v1/anomalies/band?metric=cpu_usage&start=-24h")).json()
    fits(body, "Bands")
    assert body["step"] == 300_000
    assert body["series"][0]["points"][0][1:] == [1.0, 0.5, None, 0.25]
    assert (await get(stand, "/api/v1/anomalies/band?metric=cpu_usage")).json()["step"] is None


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/anomalies?limit=0",
        "/api/v1/anomalies?limit=x",
        "/api/v1/anomalies?start=now&end=-1h",
        "/api/v1/anomalies?from=1",
        "/api/v1/anomalies?start=-60d",
        "/api/v1/anomalies/band",
        "/api/v1/anomalies/band?metric=cpu_usage&start=-7d&step=1s",
        "/api/v1/anomalies/band?metric=cpu_usage&limit=21",
    ],
)
async def test_faulty_questions_are_refused(stand: Stand, path: str) -> None:
    """What can't be answered is a 400 with what to do."""
    answer = await get(stand, path)
    assert answer.status_code == 400
    assert answer.json()["detail"]


async def test_switched_off_says_so() -> None:
    """Without a stage the answers are empty and say that detection is off."""
    stand = Stand()
    routes = {path: handle for _, path, handle in AnomalyRoutes(anomalies=None, clock=stand.clock).routes()}
    stand.close()
    from starlette.requests import Request

    for path, query in (("/api/v1/anomalies", b""), ("/api/v1/anomalies/band", b"metric=x")):
        answer = await routes[path](Request({"type": "http", "query_string": query, "headers": []}))
        assert b'"enabled":false' in answer.body
