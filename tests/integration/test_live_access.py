"""The live socket where there are accounts, on both ports: who is let in, which topics they get, when they must go."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bongsu.live.door import Handshake, Pass, Refused
from bongsu.model.metric import TOPICS, Topic
from tests.integration.live_server import PATIENCE, hear, hear_all, serving, tell


class Ticket:
    """A pass whose end the test decides."""

    def __init__(self, *topics: Topic) -> None:
        self.topics = frozenset(topics)
        self.over = False

    def ended(self) -> bool:
        return self.over


class Porter:
    """Lets in whoever has the cookie `good`, with one ticket for all."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket

    def __call__(self, handshake: Handshake) -> Pass | Refused | None:
        if handshake.headers.get("cookie") == "good":
            return self.ticket
        return Refused(status=401, reason="sign-in", detail="sign in")


async def closed(client: ClientConnection) -> int | None:
    """The code with which the server closes, once everything before it is read."""
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionClosed):
            async for _ in client:
                pass
    return client.close_code


@pytest.mark.guide("G121")
@pytest.mark.parametrize("web", [False, True])
async def test_only_who_signed_in_is_let_in(web: bool) -> None:
    """The handshake is refused with 401, whatever the address says; with the cookie frames come."""
    async with serving(enter=Porter(Ticket(*TOPICS))) as served:
        for path, headers in (("/live", {}), ("/live?token=good", {}), ("/live", {"cookie": "bad"})):
            with pytest.raises(InvalidStatus) as refused:
                await served.connect(path, web=web, additional_headers=headers)
            assert refused.value.response.status_code == 401
        assert served.count("bongsu_live_refused_total", "sign-in") == 3
        async with served.connect("/live", web=web, additional_headers={"cookie": "good"}) as client:
            assert (await hear(client))["t"] == "hello"


@pytest.mark.guide("G121")
async def test_an_ended_session_ends_its_sockets() -> None:
    """Signed out elsewhere, revoked or expired: 4401, which tells a page to go and sign in."""
    ticket = Ticket(*TOPICS)
    async with serving(enter=Porter(ticket)) as served:
        async with served.connect(additional_headers={"cookie": "good"}) as client:
            await hear(client)
            served.gateway.turn_out()
            assert served.gateway.clients == 1
            ticket.over = True
            served.gateway.turn_out()
            assert await closed(client) == 4401
        assert served.count("bongsu_live_closed_total", "signed-out") == 1


async def test_topics_are_permitted_one_by_one() -> None:
    """Without a subscription one gets what is permitted; asking for more changes nothing and is told."""
    async with serving(enter=Porter(Ticket("custom", "shop"))) as served:
        async with served.connect(additional_headers={"cookie": "good"}) as client:
            await hear(client)
            await tell(client, op="subscribe", topics=["custom", "system"])
            assert (await hear(client))["code"] == "forbidden"
            await tell(client, op="subscribe")
            assert [frame["topic"] for frame in await hear_all(client, 2)] == ["shop", "custom"]
        async with served.connect(additional_headers={"cookie": "good"}) as client:
            await hear(client)
            await served.virtual.advance(0.25)
            assert [frame["topic"] for frame in await hear_all(client, 2)] == ["shop", "custom"]
