"""Several servers under the doctor's eyes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bongsu.bus.redis import identity_of
from bongsu.commands.doctor import instances
from bongsu.settings.model import Settings
from tests.fakes.redis import free_port

VIEW = {
    "server": {"role": "view", "owner_url": "http://10.0.0.11:8080"},
    "redis": {"url": "redis://127.0.0.1:6379/0"},
}


@pytest.mark.parametrize(
    ("holder", "role", "code"),
    [
        ("", "owner", None),
        (f"{identity_of('data')}|b1", "owner", "owner_ours"),
        ("lee:/srv/data|b1", "owner", "owner_other"),
        ("lee:/srv/data|b1", "view", "owner_good"),
        ("", "view", "owner_none"),
    ],
)
def test_who_owns_the_bus(holder: str, role: str, code: str | None) -> None:
    """The owner finds itself or nobody there, a viewer somebody; anything else is told."""
    settings = Settings.model_validate(VIEW if role == "view" else {})
    assert [one.code for one in instances.owned(holder, settings)] == ([code] if code else [])


class Answering(BaseHTTPRequestHandler):
    """A server that answers `/readyz` with a status and a text."""

    status, text = 200, b'{"status":"ready"}'

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(status: int, text: bytes) -> Iterator[str]:
    """The address of a server that answers so."""
    handler = type("Handler", (Answering,), {"status": status, "text": text})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "text", "code"),
    [
        (200, b'{"status":"ready"}', "owner_near"),
        (503, b'{"status":503}', "owner_far"),
        (200, b"<html>", "owner_far"),
        (200, b"[]", "owner_far"),
    ],
)
def test_whether_the_owner_answers(status: int, text: bytes, code: str) -> None:
    """Only a Bongsu that is ready will do."""
    with serving(status, text) as url:
        assert instances.answers(url).code == code


def test_an_owner_that_is_not_there() -> None:
    """Where nobody listens that is said, with the address; alone and without Redis there is nothing to say."""
    finding = instances.answers(f"http://127.0.0.1:{free_port()}")
    assert (finding.code, dict(finding.facts)["reason"]) == ("owner_far", "ConnectError")
    assert list(instances.looked_at(Settings())) == []
