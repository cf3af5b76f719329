"""Which channels there are."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from bongsu.notify import registry
from bongsu.notify.memory import MemoryOutbox
from bongsu.notify.metrics import METRICS
from bongsu.notify.registry import KINDS, channels_of
from bongsu.settings.notifications import CHANNEL, Notifications
from tests.fakes.clock import VirtualClock
from tests.fakes.notify import FakeChannel, notifier, settings_with, tools

SOURCES = Path(__file__).parents[3] / "src"
ALL: dict[str, Any] = {
    "slack": {"webhook_url": "https://h/1"},
    "telegram": {"bot_token": "1:a", "chat_id": "1"},
    "email": {"smtp_server": "mail.example.kr", "username": "a@example.kr"},
    "jandi": {"webhook_url": "https://h/2"},
    "dooray": {"webhook_url": "https://h/3"},
    "discord": {"webhook_url": "https://h/4"},
    "webhooks": [{"name": "ops", "url": "https://h/5"}, {"name": "crm", "url": "https://h/6"}],
    "apprise": ["json://h/7"],
}


def test_every_kind_is_made() -> None:
    """Each line of the registry leads to a channel where its settings are, under a name that settings can use."""
    made = channels_of(settings_with(**ALL).notifications, tools())
    names = [one.name for one in made]
    assert {one.kind for one in made} == set(KINDS)
    assert names == [
        *("slack", "telegram", "email", "webhook:ops", "webhook:crm", "jandi", "dooray", "discord", "apprise:1"),
    ]
    assert all(CHANNEL.fullmatch(name) for name in names)
    assert channels_of(Notifications(), tools()) == []


def test_channels_of_other_packages(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """An installed package brings channels; one that is broken is told and harms no other."""
    points = [
        EntryPoint("own", "tests.unit.notify.test_registry:own_channels", "bongsu.channels"),
        EntryPoint("broken", "no_such_module:channels", "bongsu.channels"),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    made = channels_of(settings_with(slack=ALL["slack"]).notifications, tools())
    assert [one.name for one in made] == ["slack", "pager"]


def own_channels(settings: Notifications, tools: Any) -> list[FakeChannel]:
    """What such a package offers."""
    return [FakeChannel("pager")]


def test_setting_up_channels_loads_no_library() -> None:
    """Neither HTTP, mail, templates nor Apprise are loaded before the first message."""
    code = (
        "import sys, asyncio; from bongsu.settings.model import Settings; from bongsu.notify.notifier import Notifier;"
        "from bongsu.notify.memory import MemoryOutbox; from bongsu.clock import SystemClock;"
        "s = Settings.model_validate({'notifications': {'slack': {'webhook_url': 'https://h/1'}, 'apprise': ['json://h']}});"
        "n = asyncio.run(Notifier.open(s, outbox=MemoryOutbox(), clock=SystemClock()));"
        "print(*n.names, *({'httpx', 'httpcore', 'jinja2', 'aiosmtplib', 'apprise'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["slack", "apprise:1"]


async def test_every_figure_is_in_the_catalogue() -> None:
    """What notification tells about itself stands in its catalogue, with these labels."""
    slack = FakeChannel()
    made = notifier(slack, outbox=MemoryOutbox(), clock=VirtualClock())
    await made.test("slack")
    known = {metric.name: set(metric.labels) for metric in METRICS}
    told = {one.metric: {name for name, _ in one.labels} for one in made.figures()}
    assert told == known
