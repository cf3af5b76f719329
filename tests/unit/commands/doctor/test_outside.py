"""Neighbours under the doctor's eyes."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

from bongsu.commands.doctor import outside
from bongsu.settings.model import Settings
from tests.fakes.redis import free_port


def test_channels_are_reached_without_a_byte() -> None:
    """A connection opens and closes with nothing sent; where nobody listens the channel is told by name."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings = Settings.model_validate(
            {
                "notifications": {
                    "email": {"smtp_server": "127.0.0.1", "smtp_port": port},
                    "webhooks": [{"name": "ops", "url": f"https://127.0.0.1:{free_port()}/secret"}],
                }
            }
        )
        ops, email = outside.channels(settings.notifications)
        server.settimeout(5)
        connection, _ = server.accept()
        with connection:
            assert connection.recv(1) == b""
    assert (email.code, ops.code) == ("channel_good", "channel_far")
    assert dict(ops.facts)["channel"] == "webhook:ops"


def test_ports_follow_from_the_address() -> None:
    """https is 443, http 80, unless one is named; telegram is asked at its own address."""
    settings = Settings.model_validate(
        {
            "notifications": {
                "slack": {"webhook_url": "https://hooks.slack.com/services/A"},
                "jandi": {"webhook_url": "http://wh.jandi.com:81/x"},
                "telegram": {"bot_token": "1:a", "chat_id": "1"},
            }
        }
    )
    assert list(outside.targets(settings.notifications)) == [
        ("slack", "hooks.slack.com", 443),
        ("jandi", "wh.jandi.com", 81),
        ("telegram", "api.telegram.org", 443),
    ]


def test_behind_a_proxy_the_proxy_is_reached() -> None:
    """Where messages go through a proxy, that is what must take connections."""
    settings = Settings.model_validate(
        {"notifications": {"slack": {"webhook_url": "https://h.kr/x"}, "proxy": "http://u:geheim@proxy.kr:3128"}}
    )
    assert list(outside.targets(settings.notifications)) == [("proxy", "proxy.kr", 3128)]


def test_an_empty_shop_is_worth_a_look(tmp_path: Path) -> None:
    """No order at all, a missing table of orders, and orders: three different answers."""
    file = tmp_path / "shop.db"
    settings = Settings.model_validate({"shop": {"url": f"sqlite:///{file}"}})
    with sqlite3.connect(file) as shop:
        shop.execute("CREATE TABLE something (x)")
    assert [one.code for one in outside.shop(settings)] == ["shop_wrong"]
    with shop:
        shop.execute("CREATE TABLE orders (id INTEGER, total_amount REAL, created_at TIMESTAMP, status TEXT)")
    assert [one.code for one in outside.shop(settings)] == ["shop_empty"]
    with shop:
        shop.execute("INSERT INTO orders VALUES (1, 2, '2026-11-26 10:00:00', 'paid')")
    assert [one.code for one in outside.shop(settings)] == ["shop_good"]
    shop.close()
