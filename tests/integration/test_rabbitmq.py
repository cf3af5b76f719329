"""A real RabbitMQ: what the reader that is tested against a stand-in elsewhere makes of the real one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest

from tests.fakes.rabbitmq_server import PASSWORD, Rabbit, rabbitmq
from tests.integration.checked import outcome

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rabbit(program: Callable[..., str]) -> Iterator[Rabbit]:
    """A server with two queues, one of which holds three messages."""
    with rabbitmq(program, ["orders", "mails"]) as running:
        running.publish("orders", 3)
        yield running


@pytest.mark.guide("G004")
async def test_a_real_rabbitmq_tells_what_matters(rabbit: Rabbit) -> None:
    """By AMQP the version and each queue's depth; a queue that isn't there makes it degraded and hides no other."""
    found = await outcome("connections", url=rabbit.url, queues=["orders", "mails"])
    assert (found.state, found.reason) == ("up", "")
    assert found.detail.startswith("RabbitMQ 3.")
    assert found.figures["queue_messages:orders"] == 3
    assert found.figures["queue_messages:mails"] == 0
    assert found.figures["queue_consumers:orders"] == 0
    found = await outcome("connections", url=rabbit.url, queues=["lost", "orders"])
    assert (found.state, found.reason) == ("degraded", "queue")
    assert found.figures["queue_messages:orders"] == 3


async def test_a_real_rabbitmq_lets_nobody_else_in(rabbit: Rabbit) -> None:
    """A wrong password is auth_failed, a vhost that isn't there config_error."""
    found = await outcome("connections", url=rabbit.url.replace(PASSWORD, "wr0ng-passw0rd"))
    assert (found.state, found.reason) == ("auth_failed", "credentials")
    found = await outcome("connections", url=f"{rabbit.url}/nowhere")
    assert (found.state, found.reason) == ("config_error", "vhost")


@pytest.mark.guide("G004")
async def test_its_management_api_tells_memory_and_connections(rabbit: Rabbit) -> None:
    """With the management API's address beside it: connections, memory and its limit."""
    until = time.monotonic() + 20
    while True:  # a server that just started measures its memory after five seconds
        found = await outcome("connections", url=rabbit.url, management_url=rabbit.management_url, queues=["orders"])
        assert (found.state, found.reason) == ("up", "")
        if "memory_bytes" in found.figures:
            break
        assert time.monotonic() < until
        await asyncio.to_thread(time.sleep, 0.2)
    assert found.figures["sessions"] >= 0
    assert 1e6 < found.figures["memory_bytes"] < found.figures["memory_limit_bytes"]
    assert found.figures["queue_messages:orders"] == 3
