"""The settings file and `.env` watched while the server runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bongsu.configuration.watching import follow
from bongsu.model.errors import Unavailable
from tests.fakes.clock import VirtualClock


class Followed:
    """Files that are followed; `reread` counts how often they were read again."""

    def __init__(self, folder: Path) -> None:
        self.file, self.dotenv = folder / "settings.json", folder / ".env"
        self.file.write_text("{}")
        self.clock = VirtualClock()
        self.asked = asyncio.Event()
        self.reread = 0
        self.failure: Exception | None = None

    async def read(self) -> None:
        self.reread += 1
        if self.failure is not None:
            raise self.failure

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
        watched = follow([self.file, self.dotenv], reread=self.read, clock=self.clock, asked=self.asked)
        task = asyncio.create_task(watched)
        await self.asleep()
        yield
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
def followed(tmp_path: Path) -> Followed:
    """A file in a folder of its own."""
    return Followed(tmp_path)


async def test_what_changed_is_read_again_once(followed: Followed) -> None:
    """Another content is; the same one, touched, isn't."""
    async with followed.running():
        await followed.look()
        followed.file.touch()
        await followed.look()
        assert followed.reread == 0
        followed.file.write_text('{"a": 1}')
        await followed.look()
    assert followed.reread == 1


async def test_files_that_come_and_go(followed: Followed) -> None:
    """`.env` made later, and the file taken away, are changes too."""
    async with followed.running():
        followed.dotenv.write_text("A=1")
        await followed.look()
        followed.file.unlink()
        await followed.look()
    assert followed.reread == 2


async def test_asked_for_it_is_read_without_a_change(followed: Followed) -> None:
    """SIGHUP reads everything again, once."""
    async with followed.running():
        followed.asked.set()
        await followed.look()
        await followed.look()
    assert followed.reread == 1


@pytest.mark.parametrize("failure", [Unavailable("records are away"), ZeroDivisionError()])
async def test_an_error_ends_nothing(followed: Followed, failure: Exception) -> None:
    """Whatever comes of a change is logged, and the next one is read."""
    async with followed.running():
        followed.failure = failure
        followed.file.write_text("1")
        with capture_logs() as logs:
            await followed.look()
        followed.failure = None
        followed.file.write_text("22")
        await followed.look()
    assert (followed.reread, [one["event"] for one in logs]) == (2, ["settings_not_applied"])
