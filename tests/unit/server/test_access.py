"""Signing in over REST: the cookie, the CSRF token, who may end what, and what is tried against it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any

import httpx
import jsonschema
import pytest

from bongsu.accounts import LiveGate
from bongsu.live.door import Handshake, Pass, Refused
from bongsu.model.catalogue import Catalogue
from bongsu.model.errors import Unavailable
from bongsu.server.gate import Gate
from bongsu.server.openapi import document
from bongsu.server.proxies import Proxies
from bongsu.web.boot import Boot
from bongsu.web.pages import routes
from tests.fakes.clock import VirtualClock
from tests.fakes.server import Stand

GOOD = "correct horse battery"
DOCUMENT = document()


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """An application with an admin and a viewer, and a proxy that is trusted."""
    stand = Stand(
        web_routes=routes(lambda: Boot(version="0", catalogue=Catalogue())),
        clock=VirtualClock(),
        trusted_proxies=["10.1.0.0/16"],
    )
    await stand.access.accounts.add("boss", GOOD, "admin", by="cli")
    await stand.access.accounts.add("kim", GOOD, "viewer", by="cli")
    yield stand
    stand.close()


def client(stand: Stand, *, peer: str = "192.168.0.7", scheme: str = "http", **headers: str) -> httpx.AsyncClient:
    """A browser at an address, with cookies of its own."""
    transport = httpx.ASGITransport(app=stand.app, client=(peer, 50000))
    return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://127.0.0.1", headers=headers)


async def sign_in(http: httpx.AsyncClient, name: str = "kim", password: str = GOOD) -> httpx.Response:
    """What the sign-in page sends; the client keeps the cookie and from here on sends the CSRF token."""
    answer = await http.post("/api/v1/session", json={"name": name, "password": password})
    if answer.is_success:
        http.headers["x-csrf-token"] = answer.json()["csrf"]
    return answer


def conforms(answer: httpx.Response, schema: str) -> dict[str, Any]:
    """The answer's body, which is of that schema."""
    body: dict[str, Any] = answer.json()
    assert answer.is_success, body
    jsonschema.validate(body, {**DOCUMENT["components"]["schemas"][schema], "components": DOCUMENT["components"]})
    return body


def morsel(answer: httpx.Response) -> Any:
    """The cookie that an answer sets."""
    return SimpleCookie(answer.headers["set-cookie"])["bongsu_session"]


@pytest.mark.guide("G056")
async def test_signing_in_and_out(stand: Stand) -> None:
    """Nobody sees anything; signed in one does; signed out one doesn't, and the cookie is worth nothing more."""
    async with client(stand) as http:
        assert conforms(await http.get("/api/v1/session"), "SessionView") == {
            "open": False,
            "user": None,
            "scopes": None,
            "csrf": None,
            "expires_at": None,
        }
        assert (await http.get("/api/v1/metrics")).status_code == 401
        view = conforms(await sign_in(http), "SessionView")
        assert view["user"] == {"name": "kim", "role": "viewer"}
        assert (await http.get("/api/v1/session")).json() == view
        assert (await http.get("/api/v1/metrics")).status_code == 200
        cookie = http.cookies["bongsu_session"]
        left = await http.delete("/api/v1/session")
        assert left.status_code == 204
        assert morsel(left)["max-age"] == "0"
        answer = await http.get("/api/v1/metrics", headers={"cookie": f"bongsu_session={cookie}"})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_without_accounts_everything_is_as_it_was() -> None:
    """Nobody is asked, everything is permitted on this machine, and the first account isn't made over the network."""
    stand = Stand(clock=VirtualClock())
    async with client(stand) as http:
        view = conforms(await http.get("/api/v1/session"), "SessionView")
        assert view == {"open": True, "user": None, "scopes": None, "csrf": None, "expires_at": None}
        assert (await http.get("/api/v1/audit")).status_code == 200
        assert (await http.delete("/api/v1/session")).status_code == 204
        for path, body in (
            ("session", {"name": "a", "password": GOOD}),
            ("users", {"name": "a", "password": GOOD, "role": "admin"}),
            ("tokens", {"name": "a", "scopes": ["admin"]}),
        ):
            answer = await http.post(f"/api/v1/{path}", json=body)
            assert (answer.status_code, answer.json()["type"]) == (409, "urn:bongsu:problem:conflict")
        assert (await http.post("/api/v1/users/me/password", json={"old": "a", "new": GOOD})).status_code == 403
    stand.close()


async def test_the_cookie_is_careful(stand: Stand) -> None:
    """No script reads it, no other site's page sends it with a command, and over TLS it never travels in clear."""
    async with client(stand) as http:
        plain = morsel(await sign_in(http))
    assert (plain["httponly"], plain["samesite"], plain["path"], plain["secure"]) == (True, "Lax", "/", "")
    assert plain["max-age"] == str(7 * 24 * 3600)
    async with client(stand, scheme="https") as http:
        assert morsel(await sign_in(http))["secure"] is True
    async with client(stand, peer="10.1.0.1", **{"x-forwarded-proto": "https"}) as http:
        assert morsel(await sign_in(http))["secure"] is True
    async with client(stand, **{"x-forwarded-proto": "https"}) as http:
        assert morsel(await sign_in(http))["secure"] == ""


async def test_commands_by_cookie_carry_the_csrf_token(stand: Stand) -> None:
    """A cookie alone changes nothing; a token needs no CSRF token, for no page of another site can send one."""
    text, _ = await stand.access.tokens.add("ci", ["admin"], expires_at=None, by="boss")
    async with client(stand) as http:
        await sign_in(http, "boss")
        good = http.headers.pop("x-csrf-token")
        body = {"name": "lee", "password": GOOD}
        for header in ({}, {"x-csrf-token": ""}, {"x-csrf-token": "guessed"}, {"x-csrf-token": good + "x"}):
            answer = await http.post("/api/v1/users", json=body, headers=header)
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:bongsu:problem:forbidden")
        assert (await http.get("/api/v1/users")).status_code == 200
        assert (await http.post("/api/v1/users", json=body, headers={"x-csrf-token": good})).status_code == 200
    async with client(stand, authorization=f"Bearer {text}") as http:
        assert (await http.delete("/api/v1/users/lee")).status_code == 200


async def test_a_planted_cookie_is_not_gone_on_with(stand: Stand) -> None:
    """Session fixation: whatever value a browser came with, it goes on with a new one."""
    async with client(stand) as thief:
        await sign_in(thief)
        planted = thief.cookies["bongsu_session"]
    async with client(stand) as http:
        http.cookies.set("bongsu_session", planted)
        await sign_in(http, "boss")
        assert planted not in [one.value for one in http.cookies.jar if one.domain]
        new = (await http.get("/api/v1/session")).json()
    async with client(stand, cookie=f"bongsu_session={planted}") as thief:
        assert (await thief.get("/api/v1/session")).json()["user"] is None
        assert new


async def test_brute_force_over_rest(stand: Stand) -> None:
    """The sixth attempt hears 429 and when to come back, with the right password too; the answers before it are one."""
    async with client(stand) as http:
        answers = [await sign_in(http, name, "wrong password") for name in ("kim", "nobody") for _ in range(5)]
        assert {one.status_code for one in answers} == {401}
        told = {str({k: v for k, v in one.json().items() if k != "trace_id"}) for one in answers}
        assert len(told) == 1
        held = await sign_in(http)
        assert held.status_code == 429
        assert held.headers["retry-after"] == "1"


async def test_the_address_is_that_of_the_client(stand: Stand) -> None:
    """Behind a trusted proxy the client's own address is held back; what a client writes itself is not believed."""
    async with client(stand, peer="10.1.0.1", **{"x-forwarded-for": "1.1.1.1, 203.0.113.9"}) as http:
        await sign_in(http)
    async with client(stand, **{"x-forwarded-for": "1.1.1.1"}) as http:
        await sign_in(http)
    assert sorted(one.address for one in stand.access.sessions.all()) == ["192.168.0.7", "203.0.113.9"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.1.0.1", "", "10.1.0.1"),
        ("10.1.0.1", "unknown", "10.1.0.1"),
        ("10.1.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.1.0.1", "6.6.6.6, 203.0.113.9, 10.1.0.2", "203.0.113.9"),
        ("10.1.0.1", "6.6.6.6, nonsense, 10.1.0.2", "10.1.0.2"),
        ("192.168.0.7", "203.0.113.9", "192.168.0.7"),
        ("", "203.0.113.9", ""),
    ],
)
def test_the_rightmost_that_is_no_proxy_counts(peer: str, forwarded: str, address: str) -> None:
    """What stands left of it anybody may have written."""
    assert Proxies(["10.1.0.0/16"]).behind(peer, [forwarded.encode()]) == address


async def test_pages_send_to_sign_in_and_back(stand: Stand) -> None:
    """A browser that wants a page may sign in first, and comes back to that very page."""
    async with client(stand) as http:
        answer = await http.get("/monitoring/dashboard?page=alerts&text=가")
        assert answer.status_code == 303
        assert answer.headers["location"] == (
            "/signin?next=%2Fmonitoring%2Fdashboard%3Fpage%3Dalerts%26text%3D%25EA%25B0%2580"
        )
        page = await http.get("/signin")
        assert page.status_code == 200
        assert "unsafe" not in page.headers["content-security-policy"]
        assert (await http.get("/api/v1/query")).status_code == 401


async def test_everybody_sees_their_own_sessions(stand: Stand) -> None:
    """A viewer sees and ends their own, an admin all; what isn't theirs isn't there for them."""
    async with client(stand) as boss, client(stand) as kim:
        await sign_in(boss, "boss")
        await sign_in(kim)
        mine = conforms(await kim.get("/api/v1/sessions"), "Sessions")["sessions"]
        assert [(one["user"], one["current"]) for one in mine] == [("kim", True)]
        everybody = conforms(await boss.get("/api/v1/sessions"), "Sessions")["sessions"]
        assert {one["user"] for one in everybody} == {"boss", "kim"}
        other = next(one["id"] for one in everybody if one["user"] == "boss")
        assert (await kim.delete(f"/api/v1/sessions/{other}")).status_code == 404
        ended = await boss.delete(f"/api/v1/sessions/{mine[0]['id']}")
        assert conforms(ended, "EndedSession") == {"ended": mine[0]["id"]}
        assert (await kim.get("/api/v1/metrics")).status_code == 401


async def test_users_and_tokens_over_rest(stand: Stand) -> None:
    """An admin makes, changes and removes them; no answer but the first holds a token, and none a hash."""
    async with client(stand) as http:
        await sign_in(http, "boss")
        made = conforms(await http.post("/api/v1/users", json={"name": "Lee", "password": GOOD}), "OneUser")
        assert (made["user"]["name"], made["user"]["role"], made["user"]["created_by"]) == ("lee", "viewer", "boss")
        changed = conforms(await http.put("/api/v1/users/lee", json={"disabled": True}), "OneUser")
        assert changed["user"]["disabled"] is True
        users = await http.get("/api/v1/users")
        assert [one["name"] for one in conforms(users, "Users")["users"]] == ["boss", "kim", "lee"]
        assert "argon2" not in users.text
        assert conforms(await http.delete("/api/v1/users/lee"), "RemovedUser") == {"removed": "lee"}
        token = conforms(await http.post("/api/v1/tokens", json={"name": "ci", "scopes": ["read"]}), "MadeToken")
        listed = await http.get("/api/v1/tokens")
        assert conforms(listed, "Tokens")["tokens"][0]["id"] == token["id"]
        assert token["token"] not in listed.text
        assert "digest" not in listed.text
        async with client(stand, authorization=f"bearer {token['token']}") as program:
            assert (await program.get("/metrics")).status_code == 200
        assert (await http.delete(f"/api/v1/tokens/{token['id']}")).status_code == 200
        for path, body, status in (
            ("users", {"name": "x y", "password": "short"}, 422),
            ("users", {"name": "kim", "password": GOOD}, 409),
            ("users", {"name": "a", "password": GOOD, "role": "king"}, 400),
            ("tokens", {"name": "", "scopes": ["read"]}, 422),
        ):
            assert (await http.post(f"/api/v1/{path}", json=body)).status_code == status
        assert (await http.delete("/api/v1/users/boss")).status_code == 409


async def test_ones_own_password_over_rest(stand: Stand) -> None:
    """Everybody changes their own, with the old one."""
    async with client(stand) as http:
        await sign_in(http)
        wrong = await http.post("/api/v1/users/me/password", json={"old": "no", "new": "staple battery horse"})
        assert (wrong.status_code, wrong.json()["faults"][0]["path"]) == (422, "old")
        body = {"old": GOOD, "new": "staple battery horse"}
        assert conforms(await http.post("/api/v1/users/me/password", json=body), "ChangedPassword")
        assert (await http.get("/api/v1/metrics")).status_code == 200


async def test_who_signed_in_stands_in_the_records(stand: Stand) -> None:
    """Whatever name a request says, the record holds that of whoever signed in; a program's stands beside it."""
    await stand.access.accounts.change("kim", by="boss", role="operator")
    text, _ = await stand.access.tokens.add("chat", ["write"], expires_at=None, by="boss")
    async with client(stand) as http:
        await sign_in(http)
        marked = await http.post("/api/v1/marks", json={"label": "v1", "by": "somebody else"})
        assert marked.json()["mark"]["by"] == "kim"
    async with client(stand, authorization=f"Bearer {text}") as http:
        marked = await http.post("/api/v1/marks", json={"label": "v2", "by": "lee"})
        assert marked.json()["mark"]["by"] == "lee (chat)"


async def test_a_cookie_is_renewed_on_the_way(stand: Stand) -> None:
    """After an hour the next answer brings a new value, and both browsers' tabs go on."""
    clock = stand.clock
    assert isinstance(clock, VirtualClock)
    async with client(stand) as http:
        await sign_in(http)
        old = http.cookies["bongsu_session"]
        clock.jump_wall(3_601)
        answers = await asyncio.gather(*(http.get("/api/v1/metrics") for _ in range(4)))
        assert [one.status_code for one in answers] == [200] * 4
        assert sum("set-cookie" in one.headers for one in answers) == 1
        assert http.cookies["bongsu_session"] != old
        assert (await http.get("/api/v1/metrics")).status_code == 200


async def test_the_console_speaks_for_whoever_asks_it(stand: Stand) -> None:
    """With its token it passes on a cookie: the rights are that person's, never its own, and CSRF is asked."""
    console = stand.access.visitors.internal("console", ["read"])
    demo = stand.access.visitors.internal("demo", ["read"])
    async with client(stand) as http:
        await sign_in(http, "boss")
        cookie, csrf = http.cookies["bongsu_session"], http.headers["x-csrf-token"]
    async with client(stand, peer="127.0.0.1", authorization=f"Bearer {console}") as http:
        assert (await http.get("/api/v1/metrics")).status_code == 200
        assert (await http.get("/api/v1/users")).status_code == 403
        assert (await http.get("/api/v1/metrics", headers={"x-bongsu-session": ""})).status_code == 401
        asked = {"x-bongsu-session": cookie}
        assert (await http.get("/api/v1/users", headers=asked)).status_code == 200
        assert (await http.delete("/api/v1/users/kim", headers=asked)).status_code == 403
        assert (await http.delete("/api/v1/users/kim", headers=asked | {"x-csrf-token": csrf})).status_code == 200
        signed = await http.post(
            "/api/v1/session",
            json={"name": "boss", "password": GOOD},
            headers={"x-bongsu-session": "", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"},
        )
        assert morsel(signed)["secure"] is True
        assert "203.0.113.9" in [one.address for one in stand.access.sessions.all()]
    async with client(stand, authorization=f"Bearer {demo}") as http:
        assert (await http.get("/api/v1/users", headers=asked)).status_code == 403


async def test_nothing_secret_in_an_answer_or_a_log(stand: Stand, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither passwords nor cookies nor tokens come back in errors, or are written down."""
    secret = "hunter2 hunter2 hunter2"
    async with client(stand) as http:
        wrong = await sign_in(http, "kim", secret)
        bad = await http.post("/api/v1/session", json={"name": 1, "password": secret})
        token = await http.get("/api/v1/metrics", headers={"authorization": f"Bearer bgs_{secret}"})
        stand.access_records.failure = Unavailable("away")
        away = await sign_in(http, "kim", GOOD)
    assert [one.status_code for one in (wrong, bad, token, away)] == [401, 400, 401, 503]
    out = (
        "".join(capfd.readouterr())
        + "".join(one.text for one in (wrong, bad, token, away))
        + str(stand.entries.entries)
    )
    assert secret not in out
    assert GOOD not in out


def test_an_ended_session_ends_its_sockets(stand: Stand) -> None:
    """A pass holds as long as what it was given for; tokens in an address are not even looked at."""

    async def made() -> tuple[str, str]:
        cookie = await stand.access.sessions.sign_in("kim", GOOD, address="", agent="")
        return cookie, (await stand.access.tokens.add("ci", ["read"], expires_at=None, by="boss"))[0]

    cookie, token = asyncio.run(made())
    live = LiveGate(Gate(stand.access.visitors, routes=()))

    def enter(query: str = "", **headers: str) -> Pass | Refused | None:
        return live.enter(Handshake(path="/live", query=query, headers=headers, peer=""))

    in_address = enter(f"token={token}&access_token={token}")
    assert isinstance(in_address, Refused)
    assert in_address.status == 401
    person, program = enter(cookie=f"x=1; bongsu_session={cookie}"), enter(authorization=f"Bearer {token}")
    assert person is not None
    assert program is not None
    assert not isinstance(person, Refused)
    assert not isinstance(program, Refused)
    assert not person.ended()
    assert not program.ended()
    asyncio.run(stand.access.accounts.change("kim", by="boss", disabled=True))
    asyncio.run(stand.access.tokens.remove(stand.access.tokens.all()[0].id, by="boss"))
    assert person.ended()
    assert program.ended()
