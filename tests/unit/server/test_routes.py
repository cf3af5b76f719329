"""Every route over a real socket: its answers, its errors, and the description that names them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jsonschema
import pytest
import structlog
from starlette.routing import Route
from starlette.types import Message

from bongsu.http.errors import MethodNotAllowed, TooSlow, WrongHost
from bongsu.http.limits import ServerLimits
from bongsu.model.catalogue import Catalogue
from bongsu.model.errors import BongsuError, StorageFull, TooMany, Unavailable
from bongsu.model.metric import Metric
from bongsu.model.process import ProcessRow, TopList
from bongsu.server.openapi import document
from bongsu.server.openapi_blocks import EXAMPLE_TIME
from tests.fakes.server import Stand, running

SECURE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-site",
}
DOCUMENT = document()


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """A running server that knows `cpu_usage`."""
    catalogue = Catalogue([Metric(name="cpu_usage", unit="%", topic="system")])
    limits = ServerLimits(query_points=7_200, query_series=3)
    async with running(Stand(catalogue=catalogue, limits=limits, allowed_origins=["https://shop.example"])) as stand:
        yield stand


@pytest.fixture
async def http(stand: Stand) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to it, without asking for compression."""
    async with httpx.AsyncClient(base_url=stand.url, verify=False, headers={"accept-encoding": "identity"}) as client:
        yield client


async def fill(stand: Stand, http: httpx.AsyncClient, count: int = 120) -> int:
    """`cpu_usage` of hosts a and b, second by second; returns the time of the newest."""
    now = stand.clock.now()
    rows = [
        {"metric": "cpu_usage", "labels": {"host": host}, "value": i, "at": now - i * 1_000}
        for i in range(count)
        for host in ("a", "b")
    ]
    answer = await http.post("/api/v1/samples", json=rows)
    assert answer.json() == {"accepted": 2 * count, "refused": []}
    return now


def conforms(answer: httpx.Response, path: str, method: str = "get") -> None:
    """The answer is one that the description gives for this path, of the schema it names."""
    responses = DOCUMENT["paths"][path][method]["responses"]
    told = responses[str(answer.status_code)]
    if "$ref" in told:
        told = DOCUMENT["components"]["responses"]["Problem"]
    media = answer.headers["content-type"].partition(";")[0]
    schema = told["content"][media]["schema"]
    if "json" in media:
        jsonschema.validate(answer.json(), {**schema, "components": DOCUMENT["components"]})


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The answer is a problem document of this kind."""
    found: dict[str, Any] = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert found["type"] == f"urn:bongsu:problem:{code}"
    jsonschema.validate(found, {**DOCUMENT["components"]["schemas"]["Problem"]})
    return found


def test_the_description_names_every_route() -> None:
    """What the router serves and what the description tells are the same, with words in both languages."""
    stand = Stand()
    app = stand.app
    served = {
        (method.lower(), route.path.replace(":path}", "}"))
        for route in app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    told = {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    stand.close()
    assert served == told
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert re.search("[가-힣]", operation["x-ko"])
            assert all(one["description"] and one["x-ko"] for one in operation.get("parameters", []))


def test_the_schemas_are_schemas() -> None:
    """Each schema of the description is valid JSON Schema 2020-12, and each example fits its own."""
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for content in DOCUMENT["paths"]["/api/v1/samples"]["post"]["requestBody"]["content"].values():
        for example in content["examples"].values():
            jsonschema.validate(example["value"], {**content["schema"], "components": DOCUMENT["components"]})


@pytest.mark.guide("G032")
async def test_newest_values(stand: Stand, http: httpx.AsyncClient) -> None:
    """`GET /api/v1/metrics` gives the newest value of every series with unit and time."""
    now = await fill(stand, http)
    answer = await http.get("/api/v1/metrics")
    conforms(answer, "/api/v1/metrics")
    found = answer.json()
    assert abs(found["at"] - stand.clock.now()) < 60_000
    assert found["metrics"][0] == {"metric": "cpu_usage", "labels": {"host": "a"}, "value": 0.0, "unit": "%", "at": now}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "count"),
    [("metric=cpu_usage", 2), ("label.host=b", 1), ("topic=system", 2), ("topic=shop", 0), ("metric=nope", 0)],
)
async def test_newest_values_can_be_selected(stand: Stand, http: httpx.AsyncClient, query: str, count: int) -> None:
    """Metric, topic and labels narrow the answer down."""
    await fill(stand, http)
    assert len((await http.get(f"/api/v1/metrics?{query}")).json()["metrics"]) == count


async def test_the_busiest_processes(stand: Stand, http: httpx.AsyncClient) -> None:
    """503 until the machine was read; then the list as it was read, names as they are."""
    early = await http.get("/api/v1/processes")
    assert (early.status_code, early.headers["retry-after"]) == (503, "5")
    row = ProcessRow(pid=7, name="<b>&", state="running", cpu=None, memory_bytes=4096, threads=2)
    stand.measurements.top_list = TopList(at=EXAMPLE_TIME, total=131, rows=(row,))
    answer = await http.get("/api/v1/processes")
    conforms(answer, "/api/v1/processes")
    assert answer.json()["rows"] == [
        {"pid": 7, "name": "<b>&", "state": "running", "cpu": None, "memory_bytes": 4096, "threads": 2}
    ]


async def test_raw_range(stand: Stand, http: httpx.AsyncClient) -> None:
    """Without a step the samples come as they were measured, start included and end excluded."""
    now = await fill(stand, http)
    answer = await http.get(f"/api/v1/query?metric=cpu_usage&label.host=a&start={now - 5_000}&end={now}")
    conforms(answer, "/api/v1/query")
    assert answer.json()["series"] == [
        {
            "metric": "cpu_usage",
            "labels": {"host": "a"},
            "points": [[now - i * 1_000, float(i)] for i in range(5, 0, -1)],
        }
    ]


async def test_stepped_range(stand: Stand, http: httpx.AsyncClient) -> None:
    """With a step the question reaches history as asked, and the answer says how it was put together."""
    await fill(stand, http)
    answer = await http.get("/api/v1/query?metric=cpu_usage&start=-1m&step=10s&agg=max&tier=raw")
    conforms(answer, "/api/v1/query")
    found = answer.json()
    assert (found["step"], found["agg"], len(found["series"])) == (10_000, "max", 2)


async def test_the_last_hour_is_the_default(stand: Stand, http: httpx.AsyncClient) -> None:
    """A query without times covers the hour up to now, what came in this very millisecond included."""
    await fill(stand, http)
    found = (await http.get("/api/v1/query?metric=cpu_usage")).json()
    assert found["end"] - found["start"] == 3_600_000
    assert len(found["series"][0]["points"]) == 120


@pytest.mark.parametrize(("hours", "step"), [("0.1", 1_000), ("1", 5_000), ("24", 60_000), ("720", 3_600_000)])
async def test_short_form_picks_a_step(stand: Stand, http: httpx.AsyncClient, hours: str, step: int) -> None:
    """The short form gives at most 1,440 points a series, whatever the hours."""
    await fill(stand, http)
    answer = await http.get(f"/api/v1/metrics/cpu_usage/history?hours={hours}")
    conforms(answer, "/api/v1/metrics/{name}/history")
    found = answer.json()
    assert found["step"] == step
    assert (found["end"] - found["start"]) / step <= 1_440


async def test_short_form_knows_its_metrics(http: httpx.AsyncClient) -> None:
    """A metric of the catalogue without samples is empty; an unknown one is 404."""
    assert (await http.get("/api/v1/metrics/cpu_usage/history")).json()["series"] == []
    answer = await http.get("/api/v1/metrics/nope/history")
    conforms(answer, "/api/v1/metrics/{name}/history")
    is_problem(answer, 404, "not-found")


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("", "metric is missing"),
        ("metric=a&start=now&end=-1h", "must be before"),
        ("metric=a&start=5&end=5", "must be before"),
        ("metric=a&start=-9999999999999999", "within 200 years"),
        ("metric=a&step=1", "step is"),
        ("metric=a&agg=median&step=1s", "agg is"),
        ("metric=a&agg=max", "needs a step"),
        ("metric=a&tier=week", "tier is"),
        ("metric=a&label=x", "unknown"),
        ("metric=cpu_usage&start=-2h&step=1s", "7201 points"),
        ("metric=cpu_usage&start=0&step=1ms", "points"),
        ("metric=cpu_usage&start=-24h", "8640 points"),
    ],
)
async def test_faulty_queries(http: httpx.AsyncClient, query: str, part: str) -> None:
    """Each faulty query is 400 in words that name the parameter, with a hint where there is one to give."""
    answer = await http.get(f"/api/v1/query?{query}")
    conforms(answer, "/api/v1/query")
    assert part in is_problem(answer, 400, "bad-request")["detail"]


async def test_answers_are_bounded(stand: Stand, http: httpx.AsyncClient) -> None:
    """Too many series or points are refused instead of sent."""
    await http.post("/api/v1/samples", json=[{"metric": "many", "labels": {"n": str(i)}, "value": 1} for i in range(4)])
    assert "more than 3 series" in is_problem(await http.get("/api/v1/query?metric=many"), 400, "bad-request")["detail"]
    now = stand.clock.now()
    body = {"series": [{"metric": "long"}], "index": [0] * 7_201, "value": [1] * 7_201}
    await http.post("/api/v1/samples", json={**body, "at": [now - i for i in range(7_201)]})
    assert "7201 points" in is_problem(await http.get("/api/v1/query?metric=long"), 400, "bad-request")["detail"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"nope", "application/json", 400, "bad-request"),
        (b"[]", "text/plain", 415, "unsupported-type"),
        (b'[{"metric":"-","value":1}]', "application/json", 422, "nothing-acceptable"),
        (b" " * (16 * 1024 * 1024 + 1), "application/json", 413, "too-large"),
    ],
)
async def test_refused_bodies(http: httpx.AsyncClient, body: bytes, kind: str, status: int, code: str) -> None:
    """Each kind of refusal is its own problem; the list of items comes along with 422."""
    answer = await http.post("/api/v1/samples", content=body, headers={"content-type": kind})
    conforms(answer, "/api/v1/samples", "post")
    found = is_problem(answer, status, code)
    if status == 422:
        assert found["accepted"] == 0
        assert found["refused"][0]["reason"].startswith("bad-name: ")


async def test_faulty_items_are_listed(http: httpx.AsyncClient) -> None:
    """With good items among faulty ones the answer is 200 and lists the faulty."""
    answer = await http.post("/api/v1/samples", json=[{"metric": "a", "value": 1}, 5])
    conforms(answer, "/api/v1/samples", "post")
    assert answer.json()["accepted"] == 1
    assert [one["index"] for one in answer.json()["refused"]] == [1]


@pytest.mark.parametrize(
    ("error", "retry"),
    [
        (TooMany("queue full", retry_after=3), "3"),
        (Unavailable("gone", retry_after=1), "1"),
        (StorageFull("disk full"), None),
    ],
)
async def test_a_store_that_cannot_keep_is_told(
    stand: Stand, http: httpx.AsyncClient, error: BongsuError, retry: str | None
) -> None:
    """What history raises reaches the sender with its status and its time to wait."""
    stand.measurements.fail_with = error
    answer = await http.post("/api/v1/samples", json=[{"metric": "a", "value": 1}])
    conforms(answer, "/api/v1/samples", "post")
    is_problem(answer, error.status, error.code)
    assert answer.headers.get("retry-after") == retry


async def test_health(stand: Stand, http: httpx.AsyncClient) -> None:
    """Alive always; ready only when nothing is missing, and 503 says what is."""
    conforms(await http.get("/healthz"), "/healthz")
    assert (await http.get("/readyz")).json()["status"] == "ready"
    stand.missing[:] = ["history is being opened"]
    answer = await http.get("/readyz")
    conforms(answer, "/readyz")
    assert "history is being opened" in is_problem(answer, 503, "unavailable")["detail"]
    assert answer.headers["retry-after"] == "1"
    assert (await http.get("/healthz")).status_code == 200


@pytest.mark.parametrize("path", ["/", "/nope", "/api/v1/", "/api/v1/metrics/a/b", "/metrics/", "/docs/../x", "/%00"])
async def test_unknown_paths(http: httpx.AsyncClient, path: str) -> None:
    """Whatever isn't there is a problem document too."""
    is_problem(await http.get(path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/v1/metrics", "GET, HEAD"),
        ("GET", "/api/v1/samples", "POST"),
        ("PUT", "/api/v1/metrics/a/history", "GET, HEAD"),
        ("POST", "/readyz", "GET, HEAD"),
        ("BREW", "/healthz", None),
    ],
)
async def test_wrong_methods(http: httpx.AsyncClient, method: str, path: str, allow: str | None) -> None:
    """A method that isn't there is 405 with those that are; what is no method at all is refused by the parser."""
    answer = await http.request(method, path)
    if allow is None:
        assert answer.status_code == 400
        return
    is_problem(answer, MethodNotAllowed.status, "method-not-allowed")
    assert sorted(answer.headers["allow"].split(", ")) == sorted(allow.split(", "))


async def test_head_and_options(http: httpx.AsyncClient) -> None:
    """HEAD answers as GET without a body, OPTIONS tells the methods."""
    head = await http.head("/api/v1/metrics")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    options = await http.options("/api/v1/samples")
    assert (options.status_code, options.headers["allow"]) == (204, "OPTIONS, POST")
    is_problem(await http.options("/nope"), 404, "not-found")


async def test_security_headers_everywhere(http: httpx.AsyncClient) -> None:
    """Good answers, errors and pages carry the headers that keep browsers careful."""
    for path in ("/api/v1/metrics", "/nope", "/metrics", "/openapi.json", "/docs", "/healthz"):
        headers = (await http.get(path)).headers
        assert SECURE.items() <= dict(headers).items()
        assert "unsafe" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers


async def test_foreign_hosts_are_refused(http: httpx.AsyncClient) -> None:
    """A request that names another host is refused before anything is read."""
    answer = await http.get("/api/v1/metrics", headers={"host": "evil.example"})
    is_problem(answer, WrongHost.status, "wrong-host")
    conforms(answer, "/api/v1/metrics")


async def test_a_named_origin_may_read(http: httpx.AsyncClient) -> None:
    """The page of a named origin may read and ask beforehand, that of another may not."""
    named = {"origin": "https://shop.example"}
    for answer in (await http.get("/healthz", headers=named), await http.get("/nope", headers=named)):
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    asked = await http.options("/api/v1/samples", headers={**named, "access-control-request-method": "POST"})
    assert "POST" in asked.headers["access-control-allow-methods"]
    other = await http.get("/healthz", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


async def test_long_answers_are_compressed_if_asked(stand: Stand, http: httpx.AsyncClient) -> None:
    """Over 1 KB gzip is used if asked for, and only then; the content is the same."""
    now = await fill(stand, http, 2_000)
    path = f"/api/v1/query?metric=cpu_usage&label.host=a&start={now - 2_000_000}&end={now + 1}"
    plain = await http.get(path)
    packed = await http.get(path, headers={"accept-encoding": "br, gzip;q=0.5"})
    refused = await http.get(path, headers={"accept-encoding": "gzip;q=0"})
    short = await http.get("/healthz", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.json() == plain.json()
    assert "accept-encoding" in plain.headers["vary"]
    for answer in (plain, refused, short):
        assert "content-encoding" not in answer.headers


async def test_an_unexpected_error_tells_nothing_but_its_trace(
    stand: Stand, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw is 500 without its insides, and the log finds it by the trace id."""

    def broken(*_: object) -> list[object]:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(stand.measurements, "latest", broken)
    trace = "0af7651916cd43dd8448eb211c80319c"
    with structlog.testing.capture_logs() as logs:
        answer = await http.get("/api/v1/metrics", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    found = is_problem(answer, 500, "error")
    conforms(answer, "/api/v1/metrics")
    assert "hunter2" not in answer.text
    assert found["trace_id"] == trace
    assert [entry["trace_id"] for entry in logs if entry["log_level"] == "error"] == [trace]


async def test_the_manual_asks_no_other_host(http: httpx.AsyncClient) -> None:
    """The page at `/docs` and its files name no other host, and carry no inline script or style."""
    page = (await http.get("/docs")).text
    assert "<script>" not in page
    assert "style=" not in page
    for path in ("/docs", "/docs/page.css", "/docs/page.js"):
        answer = await http.get(path)
        conforms(answer, path)
        assert not re.search(r"https?://|//[a-z]+\.", answer.text)
    assert f"EXAMPLE_TIME = {EXAMPLE_TIME};" in (await http.get("/docs/page.js")).text
    assert (await http.get("/openapi.json")).json() == json.loads(json.dumps(DOCUMENT))


def test_every_error_is_described() -> None:
    """Each status that the intake or the server can raise is among the answers of `POST /api/v1/samples`."""
    told = DOCUMENT["paths"]["/api/v1/samples"]["post"]["responses"]
    for status in (400, TooSlow.status, 413, 415, 422, 429, 503, 507, WrongHost.status, 500):
        assert str(status) in told


@pytest.mark.parametrize("path", ["/api/v1/metrics", "/metrics"])
async def test_many_series_do_not_hold_up_others(path: str) -> None:
    """While the newest values of thousands of series are written, other tasks get their turn, and none is lost."""
    count = 9_000
    stand = Stand(series=count)
    body = {"series": [{"metric": "a", "labels": {"n": str(i)}} for i in range(count)], "index": list(range(count))}
    await stand.intake.take(
        json.dumps({**body, "value": [1.5] * count}).encode(), content_type="application/json", encoding="", sender=""
    )
    turns = 0
    texts: list[bytes] = []

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def send(message: Message) -> None:
        texts.append(message.get("body", b""))

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"localhost")]}
    task = asyncio.create_task(other())
    await stand.app(scope, receive, send)
    task.cancel()
    stand.close()
    assert b"".join(texts).count(b"1.5") == count
    assert turns > 3


async def test_without_a_shop_it_says_so(http: httpx.AsyncClient) -> None:
    """No shop configured: the answer says that it is off, and which setting turns it on."""
    answer = await http.get("/api/v1/shop")
    conforms(answer, "/api/v1/shop")
    assert answer.json()["health"] == "off"
    assert "shop.url" in answer.json()["reason"]
