"""Rules over REST, with the real book and evaluation behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import jsonschema
import pytest

from bongsu.model.sample import Sample, labels_of
from bongsu.server.openapi import document
from tests.fakes.clock import VirtualClock
from tests.fakes.server import Stand, running

DOCUMENT = document()
NOW = VirtualClock().now()


class Place:
    """The stand and its client."""

    def __init__(self, stand: Stand, http: httpx.AsyncClient) -> None:
        self.stand = stand
        self.http = http

    async def measured(self, *samples: tuple[int, float], **labels: str) -> None:
        """Samples of `m`, by how many milliseconds ago."""
        told = [Sample(metric="m", value=value, labels=labels_of(labels), at=NOW - ago) for ago, value in samples]
        batch, refused = self.stand.gate.admit(told)
        assert refused == ()
        await self.stand.measurements.take(batch)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """A server whose clock stands still."""
    async with running(Stand(clock=VirtualClock())) as stand, httpx.AsyncClient(base_url=stand.url) as http:
        yield Place(stand, http)


def conforms(answer: httpx.Response, path: str, method: str) -> None:
    """The answer, and the example of the description, have the schema of the description."""
    told = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]
    if "$ref" in told:
        told = DOCUMENT["components"]["responses"]["Problem"]
    (content,) = told["content"].values()
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    jsonschema.validate(answer.json(), schema)
    if "example" in content:
        jsonschema.validate(content["example"], schema)


async def test_the_life_of_a_rule(place: Place) -> None:
    """Made, listed, read, changed, its versions told, rolled back, and dropped."""
    made = await place.http.post("/api/v1/rules?by=kim", json={"if": "cpu_usage over 90 for 5m", "name": "hot"})
    assert made.status_code == 201
    conforms(made, "/api/v1/rules", "post")
    rule = made.json()["rule"]
    assert (rule["id"], rule["for"], rule["source"]) == ("hot", "5m", "screen")
    listed = await place.http.get("/api/v1/rules")
    conforms(listed, "/api/v1/rules", "get")
    assert len(listed.json()["rules"]) == 8
    changed = await place.http.put("/api/v1/rules/hot?by=lee", json={**rule, "value": 95, "clear": 90})
    conforms(changed, "/api/v1/rules/{id}", "put")
    got = await place.http.get("/api/v1/rules/hot")
    conforms(got, "/api/v1/rules/{id}", "get")
    assert got.json()["rule"]["clear"] == 90
    versions = await place.http.get("/api/v1/rules/hot/versions")
    conforms(versions, "/api/v1/rules/{id}/versions", "get")
    assert [(one["by"], one["rule"]["value"]) for one in versions.json()["versions"]] == [("kim", 90.0), ("lee", 95.0)]
    back = await place.http.post("/api/v1/rules/hot/rollback", json={"number": 1, "by": "kim"})
    conforms(back, "/api/v1/rules/{id}/rollback", "post")
    assert back.json()["rule"]["value"] == 90
    gone = await place.http.delete("/api/v1/rules/hot?by=kim")
    conforms(gone, "/api/v1/rules/{id}", "delete")
    assert gone.json() == {"rule": None}
    assert (await place.http.get("/api/v1/rules/hot")).status_code == 404


async def test_a_rule_of_the_settings_is_overridden_and_given_back(place: Place) -> None:
    """PUT lays an edit over a threshold, DELETE takes it away; without one there is nothing to delete."""
    path = "/api/v1/rules/cpu_threshold_percent"
    assert (await place.http.delete(path)).status_code == 400
    put = await place.http.put(path, json={"metric": "cpu_usage", "value": 50})
    assert put.json()["rule"]["source"] == "screen"
    given = await place.http.delete(path)
    assert (given.json()["rule"]["value"], given.json()["rule"]["source"]) == (80, "thresholds")


async def test_names_of_ours_are_told_in_both_languages(place: Place) -> None:
    """A threshold's rule tells its name in each language, edited or not; a name of one's own is as it was written."""
    path = "/api/v1/rules/cpu_threshold_percent"
    names = {"ko": "CPU 사용률", "en": "CPU use"}
    rule = (await place.http.get(path)).json()["rule"]
    assert rule["names"] == names
    put = await place.http.put(path, json={**rule, "value": 90})
    conforms(put, "/api/v1/rules/{id}", "put")
    assert put.json()["rule"]["names"] == names
    own = await place.http.post("/api/v1/rules", json={"if": "cpu_usage over 90", "name": "hot"})
    assert own.json()["rule"]["names"] == {}


async def test_what_is_wrong_is_told_by_path(place: Place) -> None:
    """422 lists each fault's path; nothing changes."""
    body = {"metric": "cpu_usage", "value": 80, "windoow": "5m", "for": "x", "when": "someday"}
    answer = await place.http.post("/api/v1/rules", json=body)
    assert answer.status_code == 422
    conforms(answer, "/api/v1/rules", "post")
    assert {one["path"] for one in answer.json()["faults"]} == {"windoow", "for", "when"}
    assert len((await place.http.get("/api/v1/rules")).json()["rules"]) == 7


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/rules/x", None, 404),
        ("GET", "/api/v1/rules/x/versions", None, 404),
        ("PUT", "/api/v1/rules/x", b'{"metric": "m", "value": 1}', 404),
        ("POST", "/api/v1/rules/x/rollback", b'{"number": 1}', 404),
        ("POST", "/api/v1/rules/cpu_threshold_percent/rollback", b'{"number": "one"}', 400),
        ("POST", "/api/v1/rules", b"[", 400),
        ("POST", "/api/v1/rules", b"\xff", 400),
        ("POST", "/api/v1/rules", b"null", 422),
        ("POST", "/api/v1/rules", b"[" * 5_000, 400),
        ("POST", "/api/v1/rules/backtest", b'{"start": "-1h"}', 400),
        ("POST", "/api/v1/rules/backtest", b'{"rule": {"metric": "m", "value": 1}, "start": "never"}', 400),
        ("POST", "/api/v1/rules/backtest", b'{"rule": {"metric": "m", "value": 1}, "step": "1ms"}', 400),
        ("POST", "/api/v1/rules/backtest", b'{"rule": {"metric": "m", "value": 1}, "end": -5}', 400),
        ("POST", "/api/v1/rules/backtest", b'{"rule": {"metric": "m"}}', 422),
        ("POST", "/api/v1/rules/backtest", b'{"rule": {"metric": "m", "value": 3, "kind": "anomaly"}}', 400),
        ("POST", "/api/v1/rules/preview", b'{"rule": 5}', 422),
        ("GET", "/api/v1/rules?all=1", None, 400),
    ],
)
async def test_each_mistake_has_its_status(
    place: Place, method: str, path: str, body: bytes | None, status: int
) -> None:
    """Bad input is a problem of its own, never ours."""
    headers = {} if body is None else {"content-type": "application/json"}
    answer = await place.http.request(method, path, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_only_json_is_taken(place: Place) -> None:
    """A form of another site's page can't make a rule."""
    answer = await place.http.post(
        "/api/v1/rules", content=b'{"metric":"m","value":1}', headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 415


async def test_backtest(place: Place) -> None:
    """What a rule would have done comes with its times, counts and points."""
    await place.measured((600_000, 10.0), (300_000, 90.0), (60_000, 10.0))
    body = {"rule": {"metric": "m", "value": 80}, "start": "-30m", "step": "60s"}
    answer = await place.http.post("/api/v1/rules/backtest", json=body)
    conforms(answer, "/api/v1/rules/backtest", "post")
    told = answer.json()
    assert (told["count"], told["messages"], told["series"], sum(told["by_hour"])) == (1, 2, 1, 2)
    assert told["fired"][0]["worst"] == 90.0
    assert told["fired"][0]["to"] - told["fired"][0]["from"] == 240_000


async def test_preview(place: Place) -> None:
    """How a rule stands now, the worst first."""
    await place.measured((1_000, 10.0), host="a")
    await place.measured((1_000, 90.0), host="b")
    answer = await place.http.post("/api/v1/rules/preview", json={"rule": {"metric": "m", "value": 80}})
    conforms(answer, "/api/v1/rules/preview", "post")
    assert answer.json()["series"] == [
        {"labels": {"host": "b"}, "value": 90.0, "condition": "breach"},
        {"labels": {"host": "a"}, "value": 10.0, "condition": "clear"},
    ]
