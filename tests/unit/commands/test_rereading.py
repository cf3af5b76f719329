"""The settings file read again while the server runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bongsu.commands.rereading import follow, given_flags
from bongsu.model.errors import Unavailable
from bongsu.settings.load import Loaded, load_with_origins
from bongsu.settings.model import Settings
from tests.fakes.clock import VirtualClock


class Followed:
    """A settings file that is followed; `applied` are the settings that came into force."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "settings.json"
        self.write({"thresholds": {"cpu_threshold_percent": 80}})
        self.loaded = self.load()
        self.clock = VirtualClock()
        self.applied: list[Settings] = []
        self.failure: Exception | None = None

    def load(self) -> Loaded:
        return load_with_origins({"server.port": 4242}, config=self.path, environment={}, folder=self.path.parent)

    def write(self, tree: object) -> None:
        self.path.write_text(tree if isinstance(tree, str) else json.dumps(tree), encoding="utf-8")

    async def apply(self, settings: Settings) -> None:
        if self.failure is not None:
            raise self.failure
        self.applied.append(settings)

    async def look(self) -> None:
        """Two looks pass; reading takes a thread's time, and is over when the follower sleeps again."""
        for _ in range(2):
            await self.clock.advance(2.0)
            await self.asleep()

    async def asleep(self) -> None:
        """Wait until the follower waits for the clock."""
        for _ in range(10_000):
            if self.clock.sleeping:
                return
            await asyncio.to_thread(lambda: None)
        raise AssertionError("the follower doesn't come back to sleep")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(follow(self.loaded, apply=self.apply, clock=self.clock))
        await self.asleep()
        yield
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """A file in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Followed(tmp_path)


async def test_changed_rules_come_into_force(file: Followed) -> None:
    """A changed file is applied once, with the flags still over it; one that says the same isn't."""
    async with file.running():
        await file.look()
        assert file.applied == []
        file.write(
            {"thresholds": {"cpu_threshold_percent": 70}, "rules": [{"if": "load_1m over 8"}], "server": {"port": 9}}
        )
        await file.look()
        (settings,) = file.applied
        assert (settings.thresholds.cpu_threshold_percent, len(settings.rules)) == (70, 1)
        assert settings.server.port == 4242
        file.path.touch()
        await file.look()
    assert len(file.applied) == 1


@pytest.mark.parametrize(
    "text", ['{"rules": [{"metric": "m", "value": 1, "window": "0s"}]}', '{"rules": ', "", '{"zzz": 1}', None]
)
async def test_a_bad_file_changes_nothing(file: Followed, text: str | None) -> None:
    """What can't be used is logged, and the next good file is applied."""
    async with file.running():
        with capture_logs() as logs:
            file.path.unlink() if text is None else file.write(text)
            await file.look()
        assert [one["event"] for one in logs] == ["settings_wrong"]
        assert file.applied == []
        file.write({"thresholds": {"cpu_threshold_percent": 60}})
        await file.look()
    assert [one.thresholds.cpu_threshold_percent for one in file.applied] == [60]


async def test_the_fault_is_told_with_its_path(file: Followed) -> None:
    """The log names `rules[0].window`."""
    async with file.running():
        with capture_logs() as logs:
            file.write({"rules": [{"metric": "m", "value": 1, "window": "0s"}]})
            await file.look()
    assert logs[0]["faults"][0].startswith("rules[0].window: must be a duration")


@pytest.mark.parametrize("failure", [Unavailable("records are away"), ZeroDivisionError()])
async def test_what_cant_be_applied_is_tried_with_the_next_change(file: Followed, failure: Exception) -> None:
    """An error while rules are put in force ends nothing."""
    async with file.running():
        file.failure = failure
        file.write({"thresholds": {"cpu_threshold_percent": 60}})
        await file.look()
        file.failure = None
        file.write({"thresholds": {"cpu_threshold_percent": 600}})
        file.write({"thresholds": {"cpu_threshold_percent": 61}})
        await file.look()
    assert [one.thresholds.cpu_threshold_percent for one in file.applied] == [61]


async def test_other_settings_need_a_restart(file: Followed) -> None:
    """That is said rather than passed over."""
    async with file.running():
        with capture_logs() as logs:
            file.write({"thresholds": {"cpu_threshold_percent": 80}, "monitoring": {"update_interval_seconds": 2.0}})
            await file.look()
    assert [one["event"] for one in logs] == ["settings_changed"]
    assert file.applied == []


async def test_without_a_file_there_is_nothing_to_follow(tmp_path: Path) -> None:
    """Defaults alone are never read again."""
    loaded = load_with_origins({}, environment={}, folder=tmp_path)
    assert given_flags(loaded) == {}

    async def never(_: Settings) -> None:
        raise AssertionError

    await follow(loaded, apply=never, clock=VirtualClock())
