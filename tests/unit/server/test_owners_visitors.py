"""Who comes to a viewer: the owner's word, remembered for seconds; nothing is shown before it has spoken."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from bongsu.accounts import OwnersLive
from bongsu.live.door import Handshake, Refused
from bongsu.server.door import Door
from bongsu.server.hosts import Hosts, Origins
from bongsu.server.owners_visitors import HOLDS, OwnersVisitors, ViewGate
from tests.fakes.clock import VirtualClock

OPEN = {"open": True, "user": None, "scopes": None, "csrf": None, "expires_at": None}
NOBODY = OPEN | {"open": False}


class Owner:
    """Knows cookies and tokens; counts how often it is asked."""

    def __init__(self) -> None:
        self.away = False
        self.is_open = False
        self.users = {"bongsu_session=kim": NOBODY | {"user": {"name": "kim", "role": "viewer"}, "csrf": "c"}}
        self.users["Bearer reader"] = NOBODY | {"scopes": ["read"]}
        self.users["Bearer sender"] = NOBODY | {"scopes": ["ingest"]}
        self.asked = 0

    async def __call__(self, headers: Mapping[str, str]) -> dict[str, Any] | None:
        self.asked += 1
        if self.away:
            return None
        if self.is_open:
            return OPEN
        return self.users.get(headers.get("authorization", headers.get("cookie", "")), NOBODY)


@pytest.fixture
def owner() -> Owner:
    """It has accounts."""
    return Owner()


@pytest.fixture
def clock() -> VirtualClock:
    """It stands."""
    return VirtualClock()


def browser(visitors: OwnersVisitors, **headers: str) -> httpx.AsyncClient:
    """A client of a viewer with one page of its own and one path that is passed on."""

    async def page(_: Request) -> Response:
        return Response("shown")

    behind = [Route(path, page, methods=["GET", "POST"]) for path in ("/api/v1/metrics", "/metrics", "/healthz")]
    behind += [Route("/monitoring/dashboard", page), Route("/api/v1/{path:path}", page, methods=["GET", "POST"])]
    gate = ViewGate(visitors, routes=behind)
    door = Door(router=Router(behind), shortcuts={}, hosts=Hosts(), origins=Origins(), gate=gate)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://127.0.0.1", headers=headers)


async def test_the_owner_says_who_may(owner: Owner, clock: VirtualClock) -> None:
    """Nobody sees the viewer's own answers, whoever may read does; what is passed on is the owner's to refuse."""
    visitors = OwnersVisitors(owner, clock=clock)
    async with browser(visitors) as http:
        assert (await http.get("/api/v1/metrics")).status_code == 401
        assert (await http.get("/monitoring/dashboard")).status_code == 303
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.post("/api/v1/session")).status_code == 200
    for header, status in (
        ({"cookie": "bongsu_session=kim"}, 200),
        ({"cookie": "bongsu_session=lee"}, 401),
        ({"authorization": "Bearer reader"}, 200),
        ({"authorization": "Bearer sender"}, 403),
        ({"authorization": "Bearer unknown"}, 401),
    ):
        async with browser(visitors, **header) as http:
            assert (await http.get("/metrics")).status_code == status


async def test_it_is_asked_once_in_a_while(owner: Owner, clock: VirtualClock) -> None:
    """A page of many files costs one question; a session that ended is out within seconds."""
    visitors = OwnersVisitors(owner, clock=clock)
    async with browser(visitors, cookie="bongsu_session=kim") as http:
        for _ in range(20):
            await http.get("/metrics")
        assert owner.asked == 1
        owner.users.clear()
        await clock.advance(HOLDS)
        assert (await http.get("/metrics")).status_code == 401


async def test_an_owner_without_accounts_asks_nobody(owner: Owner, clock: VirtualClock) -> None:
    """As it was; unless others can reach the viewer."""
    owner.is_open = True
    async with browser(OwnersVisitors(owner, clock=clock)) as http:
        assert (await http.get("/metrics")).status_code == 200
    async with browser(OwnersVisitors(owner, clock=clock, always=True)) as http:
        assert (await http.get("/metrics")).status_code == 401


async def test_an_owner_that_is_away_changes_nobody(owner: Owner, clock: VirtualClock) -> None:
    """Who was known goes on; of anybody else it isn't known, and nothing is shown."""
    visitors = OwnersVisitors(owner, clock=clock)
    async with browser(visitors, cookie="bongsu_session=kim") as kim, browser(visitors) as nobody:
        assert (await kim.get("/metrics")).status_code == 200
        owner.away = True
        await clock.advance(HOLDS)
        assert (await kim.get("/metrics")).status_code == 200
        assert (await nobody.get("/metrics")).status_code == 503


async def test_before_the_owner_has_spoken_nobody_is_sent_to_sign_in(owner: Owner, clock: VirtualClock) -> None:
    """Whoever comes first hears to come again, the owner is asked every half second, and then they are let in."""
    owner.is_open = owner.away = True
    visitors = OwnersVisitors(owner, clock=clock)
    visitors.start()
    live = OwnersLive(visitors)
    nobody = Handshake(path="/live", query="", headers={}, peer="")
    for _ in range(5):
        await asyncio.sleep(0)
    assert owner.asked == 1
    refused = live.enter(nobody)
    assert isinstance(refused, Refused)
    assert (refused.status, refused.retry_after, visitors.told) == (503, 1, False)
    owner.away = False
    await clock.advance(0.5)
    assert not isinstance(live.enter(nobody), Refused)
    assert visitors.told
    await visitors.stop()


async def test_live_connections(owner: Owner, clock: VirtualClock) -> None:
    """Who isn't known yet comes again in a second; an ended session ends its sockets within seconds."""
    visitors = OwnersVisitors(owner, clock=clock)
    live = OwnersLive(visitors)
    handshake = Handshake(path="/live", query="", headers={"cookie": "bongsu_session=kim"}, peer="")
    first = live.enter(handshake)
    assert isinstance(first, Refused)
    assert (first.status, first.retry_after) == (503, 1)
    for _ in range(5):
        await asyncio.sleep(0)
    entered = live.enter(handshake)
    assert entered is not None
    assert not isinstance(entered, Refused)
    ended: list[bool] = []
    visitors.hear(lambda: ended.append(entered.ended()))
    visitors.start()
    await clock.advance(0.1)
    owner.users.clear()
    await clock.advance(HOLDS * 2)
    assert (ended[0], ended[-1]) == (False, True)
    nobody = live.enter(Handshake(path="/live", query="?token=reader", headers={}, peer=""))
    assert isinstance(nobody, Refused)
    assert nobody.status == 401
    await visitors.stop()


async def test_what_nobody_uses_is_forgotten(owner: Owner, clock: VirtualClock) -> None:
    """Cookies that somebody makes up are asked about once, and let go."""
    visitors = OwnersVisitors(owner, clock=clock)
    for number in range(20):
        await visitors.learn("cookie", f"made up {number}")
    visitors.start()
    await clock.advance(120)
    assert not visitors.knows("cookie", "made up 1")
    await visitors.stop()
