"""Own checks against small servers of this machine."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from tests.fakes.redis import free_port
from tests.integration.checked import outcome
from tests.integration.little import Little

BODY = b'{"db": {"ok": true}}'
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"


@pytest.fixture
async def little() -> AsyncIterator[Little]:
    """A server in plain text."""
    one = Little(JSON)
    await one.start()
    yield one
    one.stop()


async def test_http_by_status_json_and_text(little: Little) -> None:
    """A good answer is up with the times of its parts; the headers that are set are sent along."""
    url = f"http://127.0.0.1:{little.port}/health?key=s3cret"
    found = await outcome("checks", url=url, json={"db.ok": True}, headers={"X-Key": "k"})
    assert (found.state, found.status) == ("up", 200)
    assert found.phases.tls is None
    assert found.phases.first_byte is not None
    assert b"GET /health?key=s3cret HTTP/1.1\r\n" in little.asked
    assert b"X-Key: k\r\n" in little.asked
    assert (await outcome("checks", url=url, json={"db.ok": False})).reason == "json"
    little.answer = CHUNKED
    assert (await outcome("checks", url=url, text="hello world")).state == "up"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        CHUNKED[:-5],
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 2",
    ],
    ids=["nothing", "cut", "cut chunks", "no http", "cut head"],
)
async def test_a_broken_answer_is_down(little: Little, answer: bytes) -> None:
    """What ends too early or is no HTTP is down, as protocol."""
    little.answer = answer
    found = await outcome("checks", url=f"http://127.0.0.1:{little.port}/")
    assert (found.state, found.reason) == ("down", "protocol")


async def test_a_certificate_is_read_and_verified(tmp_path: Path) -> None:
    """Over TLS the certificate's end is told; against other authorities it isn't trusted."""
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    one = Little(JSON, tls)
    await one.start()
    for scheme in ("https", "tls"):
        url = f"{scheme}://127.0.0.1:{one.port}"
        found = await outcome("checks", url=url, ca_file=str(tmp_path / "ca.pem"))
        assert found.state == "up"
        assert found.certificate_ends is not None
        assert found.phases.tls is not None
        found = await outcome("checks", url=url)
        assert (found.state, found.reason) == ("down", "tls")
    one.stop()
    found = await outcome("checks", url="tls://127.0.0.1:1", ca_file=str(tmp_path / "missing.pem"))
    assert (found.state, found.reason) == ("config_error", "settings")


async def test_tcp_and_dns(little: Little) -> None:
    """A port that takes connections is up, one that doesn't is down; a name leads where it must or not."""
    assert (await outcome("checks", url=f"tcp://127.0.0.1:{little.port}")).state == "up"
    assert (await outcome("checks", url=f"tcp://127.0.0.1:{free_port()}")).reason == "connect"
    assert (await outcome("checks", url="dns://localhost", addresses=["127.0.0.1", "::1"])).state == "up"
    assert (await outcome("checks", url="dns://localhost", addresses=["203.0.113.7"])).reason == "address"
    assert (await outcome("checks", url="dns://no-such-host.invalid")).reason == "dns"


async def test_declared_maintenance_covers_a_failure() -> None:
    """Within a declared window a failure is maintenance."""
    found = await outcome("checks", url=f"tcp://127.0.0.1:{free_port()}", maintenance=["daily 00:00-24:00"])
    assert (found.state, found.reason) == ("maintenance", "declared")
