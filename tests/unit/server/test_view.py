"""A viewer's REST: what it answers itself, and what it asks the owner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from bongsu.model.catalogue import Catalogue
from bongsu.model.series import SeriesTable
from bongsu.server.relay import Relay
from bongsu.server.view import OwnerFirst, build_view
from tests.fakes.clock import VirtualClock
from tests.fakes.measurements import Measurements
from tests.unit.live.wires import batch

OWNER = "http://owner.example:8080"


async def echo(request: Request) -> Response:
    """What arrived at the owner."""
    body = await request.body()
    headers = {name: value for name, value in request.headers.items() if name not in ("user-agent", "connection")}
    told = {"method": request.method, "path": request.url.path, "query": request.url.query, "headers": headers}
    answer = JSONResponse({**told, "body": body.decode("latin-1")}, status_code=201)
    answer.raw_headers += [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"access-control-allow-origin", b"*")]
    return answer


async def long(request: Request) -> Response:
    """An answer in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 10_000

    return StreamingResponse(pieces(), media_type="text/plain")


def refused(request: httpx.Request) -> httpx.Response:
    """Nobody listens."""
    raise httpx.ConnectError("refused")


def viewer(
    transport: httpx.AsyncBaseTransport | None = None, *, degraded: Callable[[], list[str]] = list
) -> httpx.AsyncClient:
    """A client of a viewer whose owner is reached by that transport."""
    owner = Router([Route("/api/v1/long", long), Route("/{path:path}", echo, methods=["GET", "POST", "PUT", "DELETE"])])
    relay = Relay(OWNER, transport=transport or httpx.ASGITransport(owner))
    live, own = Measurements(table := SeriesTable()), Measurements(other := SeriesTable())
    clock = VirtualClock()
    live.publish(batch([table.intern("cpu_usage", ())], [clock.now()], [12.5]))
    own.publish(batch([other.intern("bongsu_bus_connected", ())], [clock.now()], [1.0]))

    async def facts(scope: Any, receive: Any, send: Any) -> None:
        await JSONResponse({"own": True})(scope, receive, send)

    app = build_view(
        live=live,
        own=own,
        catalogue=Catalogue(),
        clock=clock,
        missing=list,
        degraded=degraded,
        relay=relay,
        web_routes=[Route("/monitoring/boot.json", OwnerFirst(relay, facts), methods=["GET"])],
    )
    transport = httpx.ASGITransport(app, client=("10.0.0.9", 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def test_requests_go_on_as_they_came() -> None:
    """Method, path as spelled, query, body and who is asking reach the owner; what concerns one hop alone doesn't."""
    headers = {
        "Cookie": "bongsu_session=s",
        "X-CSRF-Token": "c",
        "Authorization": "Bearer bgs_x",
        "Connection": "close",
        "TE": "trailers",
        "X-Forwarded-For": "203.0.113.7",
        "Accept-Encoding": "gzip",
    }
    async with viewer() as client:
        answer = await client.put("/api/v1/rules/a%20b?x=1&x=%2F", content=b"\x00body", headers=headers)
    told = answer.json()
    assert answer.status_code == 201
    assert (told["method"], told["path"], told["query"]) == ("PUT", "/api/v1/rules/a b", "x=1&x=%2F")
    assert told["body"] == "\x00body"
    assert told["headers"] == {
        "host": "owner.example:8080",
        "cookie": "bongsu_session=s",
        "x-csrf-token": "c",
        "authorization": "Bearer bgs_x",
        "accept": "*/*",
        "accept-encoding": "gzip",
        "content-length": "5",
        "x-forwarded-for": "203.0.113.7, 10.0.0.9",
    }
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert "access-control-allow-origin" not in answer.headers, "who may read is the viewer's own settings"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/api/v1//evil.example/x", "/api/v1/@evil.example", "/api/v1/..%2f..%2fsecret", "/ack/t"]
)
async def test_no_path_leads_elsewhere(path: str) -> None:
    """Whatever a path holds, it is asked of the owner, below the path it had."""
    async with viewer() as client:
        answer = await client.get(httpx.URL("http://localhost").copy_with(raw_path=path.encode()))
    assert answer.json()["headers"]["host"] == "owner.example:8080"
    assert answer.json()["path"].startswith(("/api/v1/", "/ack/"))


async def test_long_answers_pass_whole() -> None:
    """An answer in pieces comes as it is."""
    async with viewer() as client:
        assert (await client.get("/api/v1/long")).content == b"x" * 500_000


async def test_what_is_newest_needs_no_owner() -> None:
    """Newest values, own figures, health and the board's facts are there while the owner is away; the rest says 503."""
    async with viewer(httpx.MockTransport(refused), degraded=lambda: ["owner is away"]) as client:
        latest = (await client.get("/api/v1/metrics")).json()["metrics"]
        assert [(one["metric"], one["value"]) for one in latest] == [("cpu_usage", 12.5)]
        figures = (await client.get("/metrics")).text
        assert "bongsu_bus_connected 1" in figures
        assert "cpu_usage" not in figures, "a viewer's own figures alone: the owner's are scraped there"
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["degraded"]) == (200, ["owner is away"])
        assert (await client.get("/monitoring/boot.json")).json() == {"own": True}
        away = await client.get("/api/v1/query?metric=cpu_usage")
        assert (away.status_code, away.headers["retry-after"]) == (503, "2")
        assert away.json()["type"] == "urn:bongsu:problem:unavailable"
        assert "owner.example" not in away.text
        assert (await client.post("/api/v1/metrics", content=b"x")).status_code == 503, "only reading is its own"


async def test_the_owners_facts_come_first() -> None:
    """The board on a viewer is told what the owner tells."""
    async with viewer() as client:
        assert (await client.get("/monitoring/boot.json")).json()["path"] == "/monitoring/boot.json"


async def test_the_door_stands_before_it() -> None:
    """Other names and other sites' changes are refused by the viewer: the owner never hears of them."""
    async with viewer() as client:
        assert (await client.get("/api/v1/rules", headers={"Host": "evil.example"})).status_code == 421
        answer = await client.post("/api/v1/rules", headers={"Sec-Fetch-Site": "cross-site", "Origin": "http://evil"})
        assert answer.status_code == 403


async def test_no_visitors_cookie_is_kept() -> None:
    """What the owner sets for one visitor never goes along with another one's request."""
    async with viewer() as client:
        first = await client.get("/api/v1/rules")
        assert first.headers.get_list("set-cookie") == ["a=1", "b=2"]
        client.cookies.clear()
        second = await client.get("/api/v1/rules")
    assert "cookie" not in second.json()["headers"]
