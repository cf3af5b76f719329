"""Connections against real private servers, and a RabbitMQ that is played."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import pymysql
import pytest

from bongsu.server.checks import told
from tests.fakes.mariadb import mariadb
from tests.fakes.postgres import cluster
from tests.fakes.rabbitmq import LittleRabbit
from tests.fakes.redis import PrivateRedis, free_port
from tests.integration.checked import once, outcome

PASSWORD = "s3cret-pw"


@pytest.fixture(scope="module")
def redis(program: Callable[..., str]) -> Iterator[PrivateRedis]:
    """A Redis with a password and a limit."""
    with PrivateRedis(program, "--maxmemory", "50mb", password=PASSWORD) as running:
        yield running


@pytest.fixture(scope="module")
def postgres(program: Callable[..., str]) -> Iterator[str]:
    """A PostgreSQL."""
    with cluster(program) as url:
        yield url


@pytest.fixture(scope="module")
def mysql(program: Callable[..., str]) -> Iterator[int]:
    """A MariaDB with a user for monitoring."""
    with mariadb(program) as port:
        with pymysql.connect(host="127.0.0.1", port=port, user="root") as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE USER 'watch'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        yield port


@pytest.fixture
async def rabbit() -> AsyncIterator[LittleRabbit]:
    """A RabbitMQ with two queues."""
    little = LittleRabbit({"orders": (42, 3), "mails": (0, 0)}, password=PASSWORD)
    await little.start()
    yield little
    little.stop()


@pytest.mark.guide("G004", "G120")
async def test_redis_tells_its_memory_and_connections(redis: PrivateRedis) -> None:
    """PING and INFO of a real Redis: memory beside its limit, connections beside theirs."""
    found = await outcome("connections", url=redis.url)
    assert (found.state, found.reason) == ("up", "")
    assert found.detail.startswith("Redis ")
    assert found.figures["memory_limit_bytes"] == 50 * 1024 * 1024
    assert 100_000 < found.figures["memory_bytes"] < 50 * 1024 * 1024
    assert found.figures["sessions"] >= 1
    assert found.response_ms is not None
    assert found.response_ms < 1_000


@pytest.mark.guide("G004")
async def test_postgres_tells_its_connections(postgres: str) -> None:
    """Connections used and allowed, the version, and no lag where there is no replica."""
    found = await outcome("connections", url=postgres)
    assert (found.state, found.reason) == ("up", "")
    assert found.detail.startswith("PostgreSQL ")
    assert found.figures["sessions"] >= 1
    assert found.figures["sessions_limit"] == 100
    assert "replication_lag_seconds" not in found.figures


@pytest.mark.guide("G004")
async def test_mariadb_tells_its_connections(mysql: int) -> None:
    """Connections used and allowed; a user without rights to see replication is no trouble."""
    found = await outcome("connections", url=f"mysql://watch:{PASSWORD}@127.0.0.1:{mysql}")
    assert (found.state, found.reason) == ("up", "")
    assert found.detail.startswith("MariaDB ")
    assert found.figures["sessions"] >= 1
    assert found.figures["sessions_limit"] > 1


@pytest.mark.guide("G004")
async def test_rabbitmq_tells_the_depth_of_queues(rabbit: LittleRabbit) -> None:
    """The handshake with name and password, then each queue; one that isn't there makes it degraded."""
    url = f"amqp://shop:{PASSWORD}@127.0.0.1:{rabbit.port}"
    found = await outcome("connections", url=url, queues=["orders", "mails"])
    assert (found.state, found.detail) == ("up", "RabbitMQ 3.13.7")
    assert found.figures["queue_messages:orders"] == 42
    assert found.figures["queue_consumers:orders"] == 3
    found = await outcome("connections", url=url, queues=["lost", "orders"])
    assert (found.state, found.reason) == ("degraded", "queue")
    assert found.figures["queue_messages:orders"] == 42


async def test_wrong_passwords_are_told_and_never_shown(
    redis: PrivateRedis, mysql: int, rabbit: LittleRabbit, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each refuses a wrong password as auth_failed; neither it nor the right one shows in an answer or a log."""
    wrong = "wr0ng-passw0rd"
    items = [
        {"name": "redis", "url": f"redis://:{wrong}@127.0.0.1:{redis.port}"},
        {"name": "mysql", "url": f"mysql://watch:{wrong}@127.0.0.1:{mysql}"},
        {"name": "amqp", "url": f"amqp://shop:{wrong}@127.0.0.1:{rabbit.port}"},
    ]
    found = await once({"connections": items})
    assert [(one.standing.state, one.standing.reason) for one in found.values()] == [("auth_failed", "credentials")] * 3
    everything = json.dumps([told(one, 0) for one in found.values()]) + "".join(capfd.readouterr())
    assert wrong not in everything
    assert PASSWORD not in everything


async def test_a_wrong_database_is_a_fault_of_the_settings(postgres: str, rabbit: LittleRabbit) -> None:
    """A database or vhost that doesn't exist is config_error, a role that doesn't exist auth_failed."""
    found = await outcome("connections", url=postgres.replace("/postgres?", "/nowhere?"))
    assert (found.state, found.reason) == ("config_error", "database")
    found = await outcome("connections", url=postgres.replace("bongsu@", "nobody@"))
    assert (found.state, found.reason) == ("auth_failed", "credentials")
    found = await outcome("connections", url=f"amqp://shop:{PASSWORD}@127.0.0.1:{rabbit.port}/nowhere")
    assert (found.state, found.reason) == ("config_error", "vhost")


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "redis", "amqp", "tcp"])
async def test_nobody_listening_is_down(scheme: str) -> None:
    """Where nobody listens each kind is down, whatever its driver says."""
    found = await outcome("connections", url=f"{scheme}://u:p@127.0.0.1:{free_port()}")
    assert (found.state, found.reason) == ("down", "connect")


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "redis", "amqp"])
async def test_one_that_takes_and_never_answers_is_down(scheme: str, redis: PrivateRedis) -> None:
    """A server that accepts and is silent costs its own time-out, while another is asked at once."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    silent = {"name": "silent", "url": f"{scheme}://u:p@127.0.0.1:{port}", "timeout_seconds": 0.5}
    found = await once({"connections": [silent, {"name": "redis", "url": redis.url}]})
    server.close()
    assert (found["silent"].standing.state, found["silent"].standing.reason) == ("pending", "timeout")
    assert found["redis"].standing.state == "up"


async def test_what_isnt_the_service_is_told(redis: PrivateRedis) -> None:
    """A Redis address that leads to something else, and AMQP spoken to Redis, are protocol errors."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for scheme in ("redis", "amqp"):
        found = await outcome("connections", url=f"{scheme}://127.0.0.1:{port}")
        assert (found.state, found.reason) == ("down", "protocol"), scheme
    server.close()
