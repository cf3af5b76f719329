"""The console's gate and relay: nothing is shown before the server knows who asks, and everything is done as them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from bongsu.console.gate import HOLDS, ConsoleGate, Visitors
from bongsu.console.passport import CONSOLE_TOKEN, console_token, drop_console_token, make_console_token, own_token
from bongsu.console.relay import Relay


class Server:
    """Knows the cookie `good`; `away` and `is_open` as the test likes."""

    def __init__(self) -> None:
        self.is_open = False
        self.away = False
        self.good = {"good"}
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if self.away:
            raise httpx.ConnectError("away")
        cookie = request.headers.get("x-bongsu-session") or request.headers.get("cookie", "").partition("=")[2]
        user = {"name": "kim", "role": "viewer"} if cookie in self.good else None
        answer: dict[str, Any] = {"open": self.is_open, "user": user, "csrf": None, "expires_at": None}
        headers = {"set-cookie": "bongsu_session=fresh; Path=/; HttpOnly"} if request.method == "POST" else {}
        return httpx.Response(200, json=answer, headers=headers)


class Now:
    """Seconds that the test sets."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def server() -> Server:
    """A server that has accounts."""
    return Server()


@pytest.fixture
def now() -> Now:
    """It stands at 0."""
    return Now()


@pytest.fixture
def visitors(server: Server, now: Now) -> Visitors:
    """With a token of the console's."""
    return Visitors("http://server", token=lambda: "bgs_console", transport=httpx.MockTransport(server), time=now)


async def page(_: Request) -> PlainTextResponse:
    """Whatever is behind the gate."""
    return PlainTextResponse("shown")


def browser(visitors: Visitors, **headers: str) -> httpx.AsyncClient:
    """A browser before the gate."""
    app = Starlette(
        routes=[Route("/{path:path}", page, methods=["GET", "POST"])],
        middleware=[Middleware(ConsoleGate, visitors=visitors)],
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://console", headers=headers)


async def test_only_who_signed_in_is_shown_anything(visitors: Visitors, server: Server) -> None:
    """A page leads to the sign-in page and back, the rest hears 401; scripts and styles are for everybody."""
    async with browser(visitors) as http:
        answer = await http.get("/?page=alerts", headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2F%3Fpage%3Dalerts")
        for path in ("/", "/_stcore/stream", "/_stcore/upload_file/x", "/media/x.png", "/api/v1/query"):
            assert (await http.get(path)).status_code == 401
        for path in ("/healthz", "/signin", "/assets/x/tokens.css", "/static/js/main.js", "/_stcore/health"):
            assert (await http.get(path)).status_code == 200
    async with browser(visitors, cookie="a=1; bongsu_session=good") as http:
        assert (await http.get("/")).text == "shown"
    asked = server.seen[-1]
    assert asked.headers["authorization"] == "Bearer bgs_console"
    assert asked.headers["x-bongsu-session"] == "good"
    assert "cookie" not in asked.headers


async def test_without_accounts_everybody_is_let_in(visitors: Visitors, server: Server, now: Now) -> None:
    """As before; and the first account closes the console within seconds."""
    server.is_open = True
    async with browser(visitors) as http:
        assert (await http.get("/")).status_code == 200
        server.is_open = False
        now.at += HOLDS
        assert (await http.get("/")).status_code == 401


async def test_the_server_is_asked_every_few_seconds(visitors: Visitors, server: Server, now: Now) -> None:
    """A page of a hundred files costs one question; a session that ended is out within seconds."""
    async with browser(visitors, cookie="bongsu_session=good") as http:
        for _ in range(100):
            await http.get("/")
        assert len(server.seen) == 1
        server.good.clear()
        now.at += HOLDS
        assert (await http.get("/")).status_code == 401
        server.good.add("good")
        visitors.forget("good")
        assert (await http.get("/")).status_code == 200


async def test_a_server_that_is_away_changes_nobody(visitors: Visitors, server: Server, now: Now) -> None:
    """Who was in stays and is told that it is away; who wasn't stays out."""
    async with browser(visitors, cookie="bongsu_session=good") as kim, browser(visitors) as nobody:
        assert (await kim.get("/")).status_code == 200
        assert (await nobody.get("/")).status_code == 401
        server.away = True
        now.at += HOLDS
        assert (await kim.get("/")).status_code == 200
        assert (await nobody.get("/", headers={"cookie": "bongsu_session=new"})).status_code == 401


async def test_only_so_many_are_remembered(visitors: Visitors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cookies that somebody makes up fill no memory."""
    monkeypatch.setattr("bongsu.console.gate.MOST", 10)
    for number in range(50):
        assert not await visitors.let_in(f"made up {number}")
    assert len(visitors._known) == 10


class Socket:
    """A WebSocket as ASGI sees it: what the client says, and what it is told."""

    def __init__(self, *said: str) -> None:
        self.said = [{"type": "websocket.receive", "text": text} for text in said]
        self.told: list[Message] = []

    async def receive(self) -> Message:
        return self.said.pop(0)

    async def send(self, message: Message) -> None:
        self.told.append(message)


async def test_a_socket_ends_with_its_session(visitors: Visitors, server: Server, now: Now) -> None:
    """Refused without a session; closed with 4401 at the next message, in whichever direction, once it is over."""
    heard: list[str] = []

    async def streamlit(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] != "websocket.disconnect":
            heard.append(message["text"])
            await send({"type": "websocket.send", "text": "drawn"})

    gate = ConsoleGate(streamlit, visitors=visitors)
    refused = Socket()
    await gate({"type": "websocket", "path": "/_stcore/stream", "headers": []}, refused.receive, refused.send)
    assert refused.told == [{"type": "websocket.close", "code": 4401}]

    class Ending(Socket):
        async def receive(self) -> Message:
            if len(self.said) == 1:
                server.good.clear()
                now.at += HOLDS
            return await super().receive()

    kim = Ending("one", "two", "three")
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [(b"cookie", b"bongsu_session=good")]}
    await gate(scope, kim.receive, kim.send)
    assert heard == ["one", "two"]
    assert kim.told[-1] == {"type": "websocket.close", "code": 4401}
    assert [message["type"] for message in kim.told].count("websocket.close") == 1


def relayed(relay: Relay, **headers: str) -> httpx.AsyncClient:
    """A browser before the relay, far away and over TLS."""
    app = Starlette(routes=list(relay.routes()))
    transport = httpx.ASGITransport(app=app, client=("203.0.113.9", 50_000))
    return httpx.AsyncClient(transport=transport, base_url="https://console", headers=headers)


async def test_the_relay_asks_as_whoever_asks_it(server: Server) -> None:
    """Cookie, CSRF token, address and TLS go along; a fresh cookie comes back, and is nobody else's afterwards."""
    changed: list[str] = []
    relay = Relay(
        "http://server",
        token=lambda: "bgs_console",
        transport=httpx.MockTransport(server),
        changed=changed.append,
    )
    await relay.open()
    body = {"name": "kim", "password": "correct horse"}
    async with relayed(relay, cookie="bongsu_session=good", **{"x-csrf-token": "c", "x-secret": "s"}) as http:
        answer = await http.post("/api/v1/session", json=body)
        assert answer.headers["set-cookie"].startswith("bongsu_session=fresh")
    said = server.seen[-1].headers
    assert (said["x-bongsu-session"], said["x-csrf-token"]) == ("good", "c")
    assert (said["x-forwarded-for"], said["x-forwarded-proto"]) == ("203.0.113.9", "https")
    assert "x-secret" not in said
    assert changed == ["good"]
    async with relayed(relay) as nobody:
        await nobody.get("/api/v1/session")
    assert server.seen[-1].headers["x-bongsu-session"] == ""
    assert "cookie" not in server.seen[-1].headers
    await relay.close()


async def test_a_console_without_a_token_passes_the_cookie_alone(server: Server) -> None:
    """A console that joined a running server is nobody: the visitor's cookie speaks, and no address is claimed."""
    relay = Relay("http://server", transport=httpx.MockTransport(server))
    await relay.open()
    async with relayed(relay, cookie="a=1; bongsu_session=good") as http:
        await http.post("/api/v1/session", json={})
    said = server.seen[-1].headers
    assert said["cookie"] == "bongsu_session=good"
    assert "authorization" not in said
    assert "x-forwarded-for" not in said
    async with relayed(relay) as nobody:
        await nobody.get("/api/v1/session")
    assert "cookie" not in server.seen[-1].headers
    await relay.close()


def test_whose_token_is_shown() -> None:
    """The one that the server gave, else one made for the server that is started, else the user's for reading alone."""
    environment = {"BONGSU_TOKEN": "bgs_mine"}
    assert (console_token(environment), own_token(environment)) == ("", "bgs_mine")
    make_console_token(environment)
    made = environment[CONSOLE_TOKEN]
    assert made.startswith("bgs_")
    assert (console_token(environment), own_token(environment)) == (made, made)
    make_console_token(environment)
    assert environment[CONSOLE_TOKEN] == made
    drop_console_token(environment)
    assert console_token(environment) == ""
