"""Ports that can't be opened."""

from __future__ import annotations

import os
import socket

import pytest

from bongsu.commands.ports import trouble, troubles
from bongsu.commands.words import Words

ENGLISH = Words("en")


def test_a_free_port_is_no_trouble() -> None:
    """A port that can be bound, and 0, need no word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert trouble(ENGLISH, "127.0.0.1", port, "--port") == ""
    assert troubles(ENGLISH, "127.0.0.1", [("port", 0), ("live_port", port)]) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_taken_port_names_its_holder(host: str) -> None:
    """Who holds the port is told by name and pid, for IPv6 as well."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        server = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with server:
        told = trouble(ENGLISH, host, server.getsockname()[1], "--live-port")
    assert f"(pid {os.getpid()})" in told
    assert "--live-port 0 picks a free one" in told


def test_a_port_that_needs_rights_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port below 1024 that this user may not open is told as that, not as taken."""

    def refused(self: socket.socket, address: object) -> None:
        raise PermissionError

    class Refused(socket.socket):
        bind = refused

    monkeypatch.setattr(socket, "socket", Refused)
    assert trouble(ENGLISH, "127.0.0.1", 80, "--port") == (
        "Port 80 needs more rights than this user has. Choose one above 1023: --port."
    )
