"""Who may what, cell by cell: every endpoint, page and live topic × everybody who may come.

The expectations are written by hand, here and in `server/permissions.py`, so that a slip in one is seen in the other. A
new endpoint fails the first test until it stands in both.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from bongsu.accounts import LiveGate
from bongsu.console.menu import LIVE as LIVE_PAGES
from bongsu.live.door import Handshake, Refused
from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import TOPICS, Topic
from bongsu.model.user import ROLES, SCOPES
from bongsu.server.door import Door
from bongsu.server.gate import Gate
from bongsu.server.hosts import Hosts, Origins
from bongsu.server.openapi import document
from bongsu.server.permissions import CONSOLE, ENDPOINTS
from bongsu.server.permissions import TOPICS as TOPIC_PERMISSIONS
from bongsu.web.boot import Boot
from bongsu.web.pages import routes
from tests.fakes.server import Stand

VISITORS = ("nobody", *ROLES, *(f"token:{scope}" for scope in SCOPES))
"""Who may come, in the order of the letters below."""

#                          nobody · viewer · operator · admin · tokens: read · write · ingest · admin
# ✓ passes the gate   ✗ doesn't: 401 for nobody, 403 for who is known
CELLS: dict[str, str] = {
    "POST /api/v1/samples": "✗ ✗✓✓ ✗✗✓✓",
    "GET /api/v1/metrics": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/metrics/{name}/history": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/query": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/processes": "✗ ✓✓✓ ✓✗✗✓",
    "GET /metrics": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/alerts": "✗ ✗✓✓ ✗✗✓✓",
    "GET /api/v1/alerts": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/alerts/{id}": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/alerts/{id}/acknowledge": "✗ ✗✓✓ ✗✓✗✓",
    "POST /api/v1/alerts/{id}/unacknowledge": "✗ ✗✓✓ ✗✓✗✓",
    "POST /api/v1/alerts/{id}/resolve": "✗ ✗✓✓ ✗✓✗✓",
    "GET /ack/{token}": "✓ ✓✓✓ ✓✓✓✓",
    "POST /ack/{token}": "✓ ✓✓✓ ✓✓✓✓",
    "GET /api/v1/silences": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/silences": "✗ ✗✓✓ ✗✓✗✓",
    "DELETE /api/v1/silences/{id}": "✗ ✗✓✓ ✗✓✗✓",
    "GET /api/v1/rules": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/rules": "✗ ✗✗✓ ✗✗✗✓",
    "POST /api/v1/rules/backtest": "✗ ✗✓✓ ✗✓✗✓",
    "POST /api/v1/rules/preview": "✗ ✗✓✓ ✗✓✗✓",
    "GET /api/v1/rules/{id}": "✗ ✓✓✓ ✓✗✗✓",
    "PUT /api/v1/rules/{id}": "✗ ✗✗✓ ✗✗✗✓",
    "DELETE /api/v1/rules/{id}": "✗ ✗✗✓ ✗✗✗✓",
    "GET /api/v1/rules/{id}/versions": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/rules/{id}/rollback": "✗ ✗✗✓ ✗✗✗✓",
    "GET /api/v1/channels": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/channels/{name}/test": "✗ ✗✓✓ ✗✓✗✓",
    "GET /api/v1/notifications": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/notifications": "✗ ✗✓✓ ✗✓✗✓",
    "POST /api/v1/notifications/{id}/resend": "✗ ✗✓✓ ✗✓✗✓",
    "GET /api/v1/anomalies": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/anomalies/band": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/events": "✗ ✗✓✓ ✗✗✓✓",
    "GET /api/v1/quality": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/quality/{feed}.csv": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/quality/{feed}": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/quality/{feed}/{symbol}": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/requests": "✗ ✗✓✓ ✗✗✓✓",
    "GET /api/v1/services": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/shop": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/checks": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/connections": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/marks": "✗ ✓✓✓ ✓✗✗✓",
    "POST /api/v1/marks": "✗ ✗✓✓ ✗✓✗✓",
    "DELETE /api/v1/marks/{id}": "✗ ✗✓✓ ✗✓✗✓",
    "GET /api/v1/settings": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/settings/schema": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/settings/versions": "✗ ✓✓✓ ✓✗✗✓",
    "GET /api/v1/settings/export": "✗ ✗✗✓ ✗✗✗✓",
    "POST /api/v1/settings/preview": "✗ ✗✗✓ ✗✗✗✓",
    "PUT /api/v1/settings": "✗ ✗✗✓ ✗✗✗✓",
    "POST /api/v1/settings/rollback": "✗ ✗✗✓ ✗✗✗✓",
    "GET /api/v1/session": "✓ ✓✓✓ ✓✓✓✓",
    "POST /api/v1/session": "✓ ✓✓✓ ✓✓✓✓",
    "DELETE /api/v1/session": "✗ ✓✓✓ ✗✗✗✗",
    "GET /api/v1/sessions": "✗ ✓✓✓ ✗✗✗✓",
    "DELETE /api/v1/sessions/{id}": "✗ ✓✓✓ ✗✗✗✓",
    "GET /api/v1/users": "✗ ✗✗✓ ✗✗✗✓",
    "POST /api/v1/users": "✗ ✗✗✓ ✗✗✗✓",
    "POST /api/v1/users/me/password": "✗ ✓✓✓ ✗✗✗✗",
    "PUT /api/v1/users/{name}": "✗ ✗✗✓ ✗✗✗✓",
    "DELETE /api/v1/users/{name}": "✗ ✗✗✓ ✗✗✗✓",
    "GET /api/v1/tokens": "✗ ✗✗✓ ✗✗✗✓",
    "POST /api/v1/tokens": "✗ ✗✗✓ ✗✗✗✓",
    "DELETE /api/v1/tokens/{id}": "✗ ✗✗✓ ✗✗✗✓",
    "GET /api/v1/audit": "✗ ✗✗✓ ✗✗✗✓",
    "GET /healthz": "✓ ✓✓✓ ✓✓✓✓",
    "GET /readyz": "✓ ✓✓✓ ✓✓✓✓",
    "GET /openapi.json": "✗ ✓✓✓ ✓✗✗✓",
    "GET /docs": "✗ ✓✓✓ ✓✗✗✓",
    "GET /docs/page.css": "✗ ✓✓✓ ✓✗✗✓",
    "GET /docs/page.js": "✗ ✓✓✓ ✓✗✗✓",
    "GET /": "✓ ✓✓✓ ✓✓✓✓",
    "GET /monitoring/dashboard": "✗ ✓✓✓ ✓✗✗✓",
    "GET /monitoring/boot.json": "✗ ✓✓✓ ✓✗✗✓",
    "GET /signin": "✓ ✓✓✓ ✓✓✓✓",
    "GET /assets/{path}": "✓ ✓✓✓ ✓✓✓✓",
}
LIVE: dict[Topic, str] = {
    "system": "✗ ✓✓✓ ✓✗✗✓",
    "shop": "✗ ✓✓✓ ✓✗✗✓",
    "checks": "✗ ✓✓✓ ✓✗✗✓",
    "feeds": "✗ ✓✓✓ ✓✗✗✓",
    "services": "✗ ✓✓✓ ✓✗✗✓",
    "alerts": "✗ ✓✓✓ ✓✗✗✓",
    "custom": "✗ ✓✓✓ ✓✗✗✓",
}
REDIRECTED = {"/monitoring/dashboard", "/docs"}
"""Pages that send a browser to sign in."""


PASSED = 299
"""The status that stands for: the gate let it pass."""


async def passed(_: Request) -> Response:
    """In place of every endpoint, so that a cell costs no database and changes nothing."""
    return Response(status_code=PASSED)


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    """The whole application with the board's pages, never listening."""
    stand = Stand(web_routes=routes(lambda: Boot(version="0", catalogue=Catalogue())))
    yield stand
    stand.close()


@pytest.fixture(scope="module")
def headers(stand: Stand) -> dict[str, dict[str, str]]:
    """What each visitor sends: a cookie with its CSRF token, or a token."""

    async def made() -> dict[str, dict[str, str]]:
        sent: dict[str, dict[str, str]] = {"nobody": {}}
        access = stand.access
        for role in ROLES:
            await access.accounts.add(f"the-{role}", "correct horse", role, by="test")
            cookie = await access.sessions.sign_in(f"the-{role}", "correct horse", address="10.0.0.7", agent="test")
            identity = access.visitors.by_session(cookie)
            assert identity is not None
            sent[role] = {"cookie": f"bongsu_session={cookie}", "x-csrf-token": identity.csrf}
        for scope in SCOPES:
            text, _ = await access.tokens.add(scope, [scope], expires_at=None, by="test")
            sent[f"token:{scope}"] = {"authorization": f"Bearer {text}"}
        return sent

    return asyncio.run(made())


@pytest.fixture(scope="module")
def door(stand: Stand) -> Door:
    """The door and the gate as they are, with nothing behind them."""
    behind = [Route(route.path, passed, methods=list(route.methods or ())) for route in served(stand)]
    return Door(
        router=Router(behind, redirect_slashes=False),
        shortcuts={},
        hosts=Hosts(),
        origins=Origins(),
        gate=Gate(stand.access.visitors, routes=behind),
    )


def served(stand: Stand) -> list[Route]:
    """Every route of the application."""
    return [route for route in stand.app.routes if isinstance(route, Route)]


def cells(row: str) -> dict[str, bool]:
    """A row of the table by visitor."""
    marks = row.replace(" ", "")
    assert len(marks) == len(VISITORS)
    assert set(marks) <= {"✓", "✗"}
    return {visitor: mark == "✓" for visitor, mark in zip(VISITORS, marks, strict=True)}


def test_every_route_stands_in_the_table(stand: Stand) -> None:
    """An endpoint or page that is in neither table, or in one alone, fails the build."""
    described = {f"{method.upper()} {path}" for path, methods in document()["paths"].items() for method in methods}
    offered = {
        f"{method} {route.path.replace(':path}', '}')}"
        for route in served(stand)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert described <= offered
    assert set(CELLS) == offered, "write who may into server/permissions.py and into this test"
    assert set(ENDPOINTS) == offered
    assert set(LIVE) == set(TOPICS) == set(TOPIC_PERMISSIONS)


def test_every_page_of_the_console_stands_in_the_table() -> None:
    """The console's gate lets in whoever is signed in, for every one of its pages is for reading."""
    assert dict.fromkeys(LIVE_PAGES, "read") == CONSOLE


@pytest.mark.parametrize("endpoint", CELLS)
async def test_each_cell(endpoint: str, door: Door, headers: dict[str, dict[str, str]]) -> None:
    """Whoever may passes the gate, whoever may not hears 401 or 403, and a browser that wants a page may sign in."""
    method, path = endpoint.split(" ")
    path = re.sub(r"{\w+}", "x", path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://127.0.0.1") as http:
        got = {one: (await http.request(method, path, headers=headers[one])).status_code for one in VISITORS}
    refused = dict.fromkeys(VISITORS, 403) | {"nobody": 303 if path in REDIRECTED else 401}
    assert got == {one: PASSED if may else refused[one] for one, may in cells(CELLS[endpoint]).items()}


@pytest.mark.parametrize("topic", LIVE)
def test_each_cell_of_the_live_socket(topic: Topic, stand: Stand, headers: dict[str, dict[str, str]]) -> None:
    """A connection sees a topic where its cookie or token may read it, and isn't opened where it may read none."""
    live = LiveGate(Gate(stand.access.visitors, routes=()))
    got = {}
    for visitor, sent in headers.items():
        entered = live.enter(Handshake(path="/live", query="", headers=sent, peer="10.0.0.7"))
        assert entered is not None
        if isinstance(entered, Refused):
            assert entered.status == (401 if visitor == "nobody" else 403)
        got[visitor] = not isinstance(entered, Refused) and topic in entered.topics
    assert got == cells(LIVE[topic])


async def test_what_the_table_leaves_out_is_for_admins(stand: Stand, headers: dict[str, dict[str, str]]) -> None:
    """An endpoint that somebody forgot to write down is closed, not open."""
    gate = Gate(stand.access.visitors, routes=[Route("/new/{thing}", passed), Route("/new", passed)], table={})
    assert (gate.asked("GET", "/new/1"), gate.asked("HEAD", "/new")) == ("admin", "admin")


async def test_what_does_not_exist_is_not_told_to_everybody(door: Door, headers: dict[str, dict[str, str]]) -> None:
    """Nobody learns which paths there are; who may read hears 404 and 405."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://127.0.0.1") as http:
        for method, path, status in (("GET", "/api/v1/nothing", 404), ("PUT", "/api/v1/query", 405)):
            assert (await http.request(method, path)).status_code == 401
            assert (await http.request(method, path, headers=headers["viewer"])).status_code in (status, 403)


async def test_the_gate_stands_before_the_real_application(stand: Stand, headers: dict[str, dict[str, str]]) -> None:
    """The same answers from the application itself: its shortcuts, its router, and what it answers at once."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=stand.app), base_url="http://127.0.0.1") as http:
        for path in ("/api/v1/query?metric=a", "/api/v1/rules/x", "/monitoring/boot.json", "/metrics"):
            assert (await http.get(path)).status_code == 401
            assert (await http.get(path, headers=headers["token:ingest"])).status_code == 403
            assert (await http.get(path, headers=headers["token:read"])).status_code in (200, 404)
    stand.measurements.prompt = True
    asked = [(b"host", b"127.0.0.1")]
    token = headers["token:read"]["authorization"].encode()
    assert stand.app.at_once.answer(b"/api/v1/query?metric=a", asked) is None
    assert stand.app.at_once.answer(b"/api/v1/query?metric=a", [*asked, (b"authorization", token)]) is not None
