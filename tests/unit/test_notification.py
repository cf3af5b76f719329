"""`NotificationSystem` in a script: against a local server that listens in a thread."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import bongsu
from bongsu import NotificationSystem
from bongsu.model.errors import BadRequest, ChannelError, NotFound, Unavailable
from tests.fakes.notify import settings_with

SOURCES = Path(__file__).parents[2] / "src"


class Hook:
    """A Slack of our own: notes what comes; `status` is what it answers."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """It listens until the test is over."""
    made = Hook()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def system(hook: Hook) -> Iterator[NotificationSystem]:
    """With Slack set up."""
    made = NotificationSystem(settings=settings_with(slack={"webhook_url": hook.url}))
    yield made
    made.close()


@pytest.mark.guide("G043")
def test_the_guides_call(system: NotificationSystem, hook: Hook) -> None:
    """`send_notification(message, level='info', channels=None)` reaches the channels."""
    system.send_notification("정산 배치가 끝났습니다.")
    system.send_notification("재고가 부족합니다.", "warning", ["slack"])
    assert system.flush(10)
    assert {one["text"] for one in hook.got} == {"ℹ️ INFO: 정산 배치가 끝났습니다.", "🚨 WARNING: 재고가 부족합니다."}
    assert len(hook.got) == 2


@pytest.mark.guide("G044")
def test_the_queue_is_a_view(system: NotificationSystem, hook: Hook) -> None:
    """The queue shows what is undelivered with its error; emptying it loses nothing."""
    hook.status = 503
    system.send_notification("늦게라도 도착", "error")
    assert not system.flush(0.3)
    end = time.monotonic() + 10
    while (one := (found := system.get_notification_queue()).get_nowait())["attempts"] == 0:  # a busy machine
        assert time.monotonic() < end
        system.flush(0.1)
    assert (one["message"], one["level"], one["channel"]) == ("늦게라도 도착", "error", "slack")
    assert one["attempts"] >= 1
    assert "Slack answered 503" in one["error"]
    assert found.empty()
    hook.status = 200
    assert system.flush(10)
    assert hook.got[-1]["text"] == "🚨 ERROR: 늦게라도 도착"
    assert system.get_notification_queue().empty()


def test_what_is_wrong_is_said(system: NotificationSystem) -> None:
    """An unknown level, an unknown channel, no channel at all."""
    with pytest.raises(ValueError, match="there are info, warning, error, critical"):
        system.send_notification("x", "loud")
    with pytest.raises(BadRequest, match="no channel 'pager'"):
        system.send_notification("x", channels=["pager"])
    with NotificationSystem(settings=settings_with()) as empty, pytest.raises(BadRequest, match="no channel is set up"):
        empty.send_notification("x")


def test_send_a_test(system: NotificationSystem, hook: Hook) -> None:
    """A test message tells at once whether a channel works."""
    assert system.send_test("slack") == ""
    hook.status = 403
    with pytest.raises(ChannelError, match="403"):
        system.send_test("slack")
    with pytest.raises(NotFound):
        system.send_test("pager")


def test_a_script_of_three_lines(hook: Hook, tmp_path: Path) -> None:
    """The script's end waits for what is on its way; what the script needs stands in `.env`."""
    (tmp_path / ".env").write_text(f"SLACK_WEBHOOK_URL={hook.url.replace('127.0.0.1', 'localhost')}\n")
    script = (
        "from bongsu import NotificationSystem\n"
        "notifications = NotificationSystem()\n"
        "notifications.send_notification('bye', level='critical')\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(SOURCES), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [one["text"] for one in hook.got] == ["🚨 CRITICAL: bye"]


def test_with_a_server() -> None:
    """With the address of a server the message is handed over; a server that isn't there is told."""
    heard: list[Any] = []

    class Server:
        def notify(self, message: str, *, level: str, channels: list[str] | None) -> list[str]:
            heard.append((message, level, channels))
            return ["1"]

        def notifications(self, state: str, *, limit: int) -> list[dict[str, Any]]:
            row = {"id": "1", "channel": "slack", "at": 1, "attempts": 2, "error": "away", "kind": "message"}
            return [row | {"severity": "info", "text": "hi"}]

        def close(self) -> None:
            return

    system = NotificationSystem(server="http://127.0.0.1:1")
    with pytest.raises(Unavailable):
        system.send_notification("x")
    system._client = Server()  # type: ignore[assignment]
    system.send_notification("hi", "INFO", ["slack"])
    assert heard == [("hi", "info", ["slack"])]
    assert system.get_notification_queue().get_nowait() == {
        "id": "1",
        "channel": "slack",
        "at": 1,
        "attempts": 2,
        "error": "away",
        "level": "info",
        "message": "hi",
    }
    system.close()


def test_a_failing_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the channels can't be made, whoever sends hears of it instead of waiting for ever."""

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no channels today")

    monkeypatch.setattr("bongsu.notification.Notifier.open", broken)
    with pytest.raises(RuntimeError, match="no channels today"):
        NotificationSystem(settings=settings_with()).send_notification("x")


def test_it_is_exported_lazily() -> None:
    """`from bongsu import NotificationSystem` works and costs nothing before."""
    assert bongsu.NotificationSystem is NotificationSystem
    code = "import sys, bongsu; print('bongsu.notification' in sys.modules)"
    surroundings = {"PYTHONPATH": str(SOURCES)}
    done = subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
