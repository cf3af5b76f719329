"""`/api/v1/marks` over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import jsonschema
import pytest

from bongsu.model.errors import StorageFull
from bongsu.server.openapi import document
from tests.fakes.server import Stand, running

DOCUMENT = document()


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """A running server."""
    async with running(Stand()) as stand:
        yield stand


@pytest.fixture
async def http(stand: Stand) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to it."""
    async with httpx.AsyncClient(base_url=stand.url) as client:
        yield client


def fits(answer: httpx.Response, schema: str) -> None:
    """The answer is of this schema."""
    assert answer.status_code == 200, answer.text
    jsonschema.validate(answer.json(), {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]})


async def test_a_mark_is_kept_told_and_found(stand: Stand, http: httpx.AsyncClient) -> None:
    """What is sent comes back with id and time, in the range that holds it, and every screen hears of it."""
    sent = await http.post("/api/v1/marks", json={"label": "  v1.4  배포 ", "kind": "deploy", "by": "kim"})
    fits(sent, "OneMark")
    mark = sent.json()["mark"]
    assert (mark["label"], mark["kind"], mark["by"]) == ("v1.4 배포", "deploy", "kim")
    assert [frame["mark"]["id"] for frame in stand.told_marks.frames] == [mark["id"]]
    await http.post("/api/v1/marks", json={"label": "sale", "kind": "campaign", "at": mark["at"] - 3_600_000})
    found = await http.get("/api/v1/marks?start=-2h")
    fits(found, "Marks")
    assert [one["label"] for one in found.json()["marks"]] == ["sale", "v1.4 배포"]
    assert [one["label"] for one in (await http.get("/api/v1/marks?kind=campaign")).json()["marks"]] == ["sale"]
    assert (await http.get(f"/api/v1/marks?end={mark['at'] - 1}&start=-30m")).json()["marks"] == []


async def test_a_mark_can_be_taken_away(stand: Stand, http: httpx.AsyncClient) -> None:
    """A mistaken mark goes, once; screens are told."""
    mark_id = (await http.post("/api/v1/marks", json={"label": "oops"})).json()["mark"]["id"]
    fits(await http.delete(f"/api/v1/marks/{mark_id}"), "RemovedMark")
    assert stand.told_marks.frames[-1] == {"removed": mark_id}
    assert (await http.delete(f"/api/v1/marks/{mark_id}")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"label": " "},
        {"label": "x" * 121},
        {"label": 3},
        {"label": "a", "kind": "state"},
        {"label": "a", "at": 5},
        {"label": "a", "at": 10**16},
        {"label": "a", "link": "javascript:alert(1)"},
        {"label": "a", "lables": {}},
    ],
)
async def test_a_wrong_mark_is_refused(stand: Stand, http: httpx.AsyncClient, body: object) -> None:
    """Whatever doesn't fit is told as a problem, and nothing is kept."""
    answer = await http.post("/api/v1/marks", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert stand.kept_marks.listed == []


async def test_what_cant_be_kept_isnt_told(stand: Stand, http: httpx.AsyncClient) -> None:
    """With a full disk the sender hears 507, and no screen shows what isn't kept."""
    stand.kept_marks.failure = StorageFull("full")
    assert (await http.post("/api/v1/marks", json={"label": "a"})).status_code == 507
    assert stand.told_marks.frames == []
