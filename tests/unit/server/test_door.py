"""The door by itself: what it does when an endpoint fails halfway."""

from __future__ import annotations

import httpx
import pytest
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from bongsu.server.door import Door
from bongsu.server.hosts import Hosts, Origins


class Halfway:
    """An endpoint that fails after it began to answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("halfway")


async def test_an_answer_that_breaks_off_is_not_mixed_with_another() -> None:
    """After the first byte of an answer an error can only end the connection: no problem document follows."""
    door = Door(router=Router([Route("/", Halfway())]), shortcuts={}, hosts=Hosts(), origins=Origins())
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [(b"host", b"localhost")]}
    with pytest.raises(RuntimeError, match="halfway"):
        await door(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_other_protocols_are_refused() -> None:
    """Lifespan and WebSocket scopes never belong here."""
    door = Door(router=Router(), shortcuts={}, hosts=Hosts(), origins=Origins())

    async def nothing(*_: object) -> Message:
        return {}

    with pytest.raises(RuntimeError, match="websocket"):
        await door({"type": "websocket"}, nothing, nothing)  # type: ignore[arg-type]


async def test_all_methods_of_a_path_are_told() -> None:
    """Also where each of them has a route of its own."""
    routes = [Route("/things", Halfway(), methods=[method]) for method in ("GET", "POST")]
    door = Door(router=Router(routes), shortcuts={}, hosts=Hosts(), origins=Origins())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://localhost") as http:
        answer = await http.delete("/things")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert answer.json()["hint"] == "use GET, HEAD, POST"
