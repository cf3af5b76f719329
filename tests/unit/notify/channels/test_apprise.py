"""Where addresses of Apprise may lead."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from bongsu.model.errors import ChannelError
from bongsu.notify.channels.apprise import check


def test_metadata_services_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """By address or by name, where a name is one: tokens that stand where others have a host aren't resolved."""
    asked: list[str] = []

    def inner(host: str, port: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", inner)
    for url in ("json://169.254.169.254/latest", "jsons://rebound.example.kr/x", "gotify://169.254.169.254/token"):
        with pytest.raises(ChannelError, match="apprise:1 isn't asked"):
            check(url, "apprise:1")
    check("slack://TokenA/TokenB/TokenC", "apprise:1")
    check("tgram://123:geheim/456", "apprise:1")
    assert set(asked) == {"169.254.169.254", "rebound.example.kr"}
