"""The whole way in a real server: the guide's alert over REST, to Slack, Telegram and e-mail, and back by a button."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bongsu.app import App
from bongsu.settings.model import Settings
from tests.integration.receivers import Authority, Mailbox, Receiver, Reply, Request, mail_server, receiving

ALERT = {
    "level": "warning",
    "message": "CPU 사용률이 높습니다.",
    "metric": "cpu_usage",
    "value": 85.5,
    "threshold": 80.0,
}


class Place:
    """The server's REST, and what its channels reach."""

    def __init__(self, rest: httpx.AsyncClient, slack: Receiver, telegram: Receiver, mail: Mailbox) -> None:
        self.rest = rest
        self.slack = slack
        self.telegram = telegram
        self.mail = mail

    def written(self) -> list[Any]:
        """What Telegram was asked to write."""
        return [one.json for one in self.telegram.got if one.path.endswith("/sendMessage")]


def settings(tmp_path: Path, authority: Authority, slack: Receiver, telegram: Receiver, mail: Mailbox) -> Settings:
    """Three channels, and a public address."""
    return Settings.model_validate(
        {
            "server": {"port": 0, "live_port": 0, "public_url": "https://monitor.example.kr"},
            "storage": {"data_dir": str(tmp_path / "data")},
            "logging": {"dir": str(tmp_path / "logs")},
            "notifications": {
                "slack": {"webhook_url": f"{slack.url}/hook"},
                "telegram": {"bot_token": "1:a", "chat_id": "-100", "api_url": telegram.url},
                "email": {
                    "smtp_server": "127.0.0.1",
                    "smtp_port": mail.port,
                    "username": "bongsu@example.kr",
                    "password": "p$w",
                    "to": ["ops@example.kr"],
                },
                "ca_file": str(authority.file),
            },
        }
    )


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Everything started, and ended."""
    authority = Authority(tmp_path)
    async with receiving() as slack, receiving() as telegram, mail_server(authority.server()) as mail:
        telegram.answer = Presser(telegram)
        app = App(settings(tmp_path, authority, slack, telegram, mail), console=False)
        await app.start()
        try:
            async with httpx.AsyncClient(base_url=app.addresses.rest) as rest:
                yield Place(rest, slack, telegram, mail)
        finally:
            await app.stop()


class Presser:
    """Telegram, with somebody who presses the first button as soon as he is told to."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.presses = False
        self.pressed = False

    def __call__(self, request: Request) -> Reply | None:
        if not request.path.endswith("/getUpdates"):
            return Reply(body=b'{"ok":true,"result":{"message_id":3}}')
        if not self.presses or self.pressed:
            return Reply(429, headers={"retry-after": "0.05"})
        self.pressed = True
        (first, *_) = [one.json for one in self._receiver.got if one.path.endswith("/sendMessage")]
        update = {
            "update_id": 1,
            "callback_query": {
                "id": "1",
                "from": {"first_name": "홍길동"},
                "message": {"message_id": 3, "chat": {"id": -100}},
                "data": first["reply_markup"]["inline_keyboard"][0][0]["callback_data"],
            },
        }
        return Reply(body=json.dumps({"ok": True, "result": [update]}).encode())


@pytest.mark.guide("G013")
@pytest.mark.guide("G036")
async def test_the_guides_alert_reaches_everybody(place: Place) -> None:
    """Posted as the guide does, it is in Slack, Telegram and the mailbox within five seconds, with its links; a button
    pressed in Telegram acknowledges it and says who did."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    posted = await place.rest.post("/api/v1/alerts", json=ALERT)
    assert posted.status_code == 202
    (slack,) = await place.slack.wait_for(1)
    async with asyncio.timeout(10):
        while not (place.written() and place.mail.got):
            await place.rest.get("/healthz")
    assert loop.time() - begun < 5
    fields = {one["title"]: one["value"] for one in slack.json["attachments"][0]["fields"]}
    assert (fields["값"], fields["임계값"]) == ("85.5%", "80.0%")
    assert fields["확인"].startswith("<https://monitor.example.kr/ack/")
    assert "값: 85.5%" in place.written()[0]["text"]

    assert isinstance(place.telegram.answer, Presser)
    place.telegram.answer.presses = True
    alert_id = posted.json()["id"]
    async with asyncio.timeout(10):
        while (await place.rest.get(f"/api/v1/alerts/{alert_id}")).json()["alert"]["phase"] != "acknowledged":
            pass
    known = (await place.rest.get(f"/api/v1/alerts/{alert_id}")).json()["alert"]
    assert known["acknowledged_by"] == "홍길동"
    channels = (await place.rest.get("/api/v1/channels")).json()["channels"]
    assert [(one["name"], one["state"]) for one in channels] == [("slack", "ok"), ("telegram", "ok"), ("email", "ok")]
