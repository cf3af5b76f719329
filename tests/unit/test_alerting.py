"""`AlertManager` in a script: against a local receiver that listens in a thread."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bongsu import AlertManager
from bongsu.model.errors import BadRequest
from tests.fakes.notify import settings_with

GUIDE = {
    "level": "warning",
    "message": "CPU 사용률이 높습니다.",
    "metric": "cpu_usage",
    "value": 85.5,
    "threshold": 80.0,
}


class Slack:
    """Notes what comes."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def slack() -> Iterator[Slack]:
    made = Slack()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.guide("G039")
@pytest.mark.guide("G013")
def test_the_guides_alert_manager(slack: Slack) -> None:
    """The guide's alert reaches Slack once, however often it is processed; its end does as well."""
    with AlertManager(settings=settings_with(slack={"webhook_url": slack.url})) as alerts:
        first = alerts.process_alert(GUIDE)
        assert alerts.process_alert(GUIDE)["id"] == first["id"]
        assert alerts.flush()
        assert len(slack.got) == 1
        assert "WARNING" in slack.got[0]["text"]
        alerts.process_alert(GUIDE | {"status": "resolved"})
        assert alerts.process_alert(GUIDE | {"status": "resolved"}) == {}
    assert len(slack.got) == 2


@pytest.mark.guide("G039")
def test_one_channel_by_hand(slack: Slack) -> None:
    """The guide's other methods send to their channel alone; one that isn't set up says what to set."""
    with AlertManager(settings=settings_with(slack={"webhook_url": slack.url})) as alerts:
        alerts._send_slack_alert(GUIDE)
        assert alerts.flush()
        for send, name in ((alerts._send_telegram_alert, "telegram"), (alerts._send_email_alert, "email")):
            with pytest.raises(BadRequest, match=name) as refused:
                send(GUIDE)
            assert name in refused.value.hint
        for faulty in ({}, {"message": "m", "level": "fatal"}, {"message": "m", "lables": {}}):
            with pytest.raises(BadRequest):
                alerts.process_alert(faulty)
    assert len(slack.got) == 1
