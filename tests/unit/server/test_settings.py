"""Settings over REST."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import jsonschema
import pytest

from bongsu.server.openapi import document
from tests.fakes.clock import VirtualClock
from tests.fakes.server import Stand, running

DOCUMENT = document()
CPU = "thresholds.cpu_threshold_percent"
NESTED = json.loads("[" * 600 + "]" * 600)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server whose clock stands still."""
    async with running(Stand(clock=VirtualClock())) as stand, httpx.AsyncClient(base_url=stand.url) as http:
        yield http


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


async def test_the_life_of_a_setting(http: httpx.AsyncClient) -> None:
    """Read, tried, changed, its versions told, rolled back, exported; each answer as described."""
    at = "/api/v1/settings"
    shown = await http.get(at)
    conforms(shown, at, "get")
    assert (shown.json()["version"], shown.json()["settings"]["thresholds"]["cpu_threshold_percent"]) == (0, 80)
    tried = await http.post(f"{at}/preview?language=en", json={"changes": {CPU: 70}})
    conforms(tried, f"{at}/preview", "post")
    assert [one["path"] for one in tried.json()["diff"]] == [CPU]
    assert tried.json()["effects"][0]["text"].startswith("CPU use")
    changed = await http.put(at, json={"changes": {CPU: 70, "server.port": 9_000}, "version": 0, "note": "quieter"})
    conforms(changed, at, "put")
    assert (changed.json()["version"], changed.json()["restart"]) == (1, ["server.port"])
    versions = await http.get(f"{at}/versions?limit=5")
    conforms(versions, f"{at}/versions", "get")
    assert [(one["number"], one["by"], one["note"]) for one in versions.json()["versions"]] == [(1, "rest", "quieter")]
    exported = await http.get(f"{at}/export")
    conforms(exported, f"{at}/export", "get")
    assert exported.json()["thresholds"]["cpu_threshold_percent"] == 70
    assert "attachment" in exported.headers["content-disposition"]
    back = await http.post(f"{at}/rollback", json={"number": 0})
    conforms(back, f"{at}/rollback", "post")
    assert (back.json()["version"], back.json()["restart"], back.json()["sources"][CPU]) == (2, [], "program")
    audit = (await http.get("/api/v1/audit")).json()["entries"]
    assert [one["action"] for one in audit] == ["settings_rolled_back", "settings_changed"]


async def test_the_schema_has_sentences_in_both_languages(http: httpx.AsyncClient) -> None:
    """What forms are made of: types, bounds, and each setting's sentence."""
    schema = (await http.get("/api/v1/settings/schema")).json()
    told = schema["$defs"]["Thresholds"]["properties"]["cpu_threshold_percent"]
    assert (told["description"], told["x-ko"], told["maximum"]) == ("CPU use, %.", "CPU 사용률(%).", 100)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("put", "", {"changes": {CPU: 700}, "version": 0}, 422),
        ("put", "", {"changes": {CPU: 70}, "version": 3}, 409),
        ("put", "", {"changes": {CPU: 70}}, 400),
        ("put", "", {"changes": [], "version": 0}, 400),
        ("put", "", {"changes": {}, "version": 0, "by": "kim"}, 400),
        ("put", "?language=fr", {"changes": {}, "version": 0}, 400),
        ("put", "", {"changes": {str(n): 1 for n in range(501)}, "version": 0}, 400),
        ("put", "", {"changes": {"panels": NESTED}, "version": 0}, 400),
        ("post", "/preview", {"changes": {"panels": NESTED}}, 400),
        ("post", "/rollback", {"number": 7}, 404),
        ("post", "/rollback", {"number": "one"}, 400),
        ("post", "/rollback", {"number": 2**68}, 400),
        ("post", "/rollback", {"number": 0, "version": 2**68}, 400),
        ("put", "", {"changes": {CPU: 70}, "version": -1}, 400),
        ("get", "/versions?limit=0", None, 400),
        ("get", "?lang=ko", None, 400),
    ],
)
async def test_what_cannot_be(http: httpx.AsyncClient, method: str, path: str, body: object, status: int) -> None:
    """Each is a problem of its kind, and nothing changed."""
    answer = await http.request(method, f"/api/v1/settings{path}", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await http.get("/api/v1/settings")).json()["version"] == 0


async def test_faults_of_a_change_have_paths_and_the_language_asked_for(http: httpx.AsyncClient) -> None:
    """In a preview as faults with 200, in a change as a problem with 422."""
    body = {"changes": {CPU: 700, "monitoring.langage": "ko"}}
    tried = (await http.post("/api/v1/settings/preview?language=en", json=body)).json()
    assert [(one["path"], one["message"]) for one in tried["faults"]] == [
        ("monitoring.langage", "there is no such setting; did you mean monitoring.language?")
    ]
    answer = await http.put("/api/v1/settings?language=en", json={"changes": {CPU: 700}, "version": 0})
    assert answer.json()["faults"] == [{"path": CPU, "reason": "must be 100 or less"}]
