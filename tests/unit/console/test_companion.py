from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from bongsu.console.child import Child
from bongsu.console.companion import ServerCompanion, who_answers
from bongsu.console.lock import FileLock
from tests.fakes.clock import VirtualClock
from tests.unit.console.test_process import Brief

Answer = Callable[[httpx.Request], httpx.Response]


def _refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def _silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("silent", request=request)


def _ours(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"status": "ok"})


class World:
    """A server's address that answers as told, and the children that were started."""

    def __init__(self, folder: Path, answer: Answer) -> None:
        self.folder = folder
        self.answer = answer
        self.clock = VirtualClock()
        self.children: list[Brief] = []

    def companion(self) -> ServerCompanion:
        return ServerCompanion(
            "http://server:8080",
            command=[],
            lock=self.folder / "console.lock",
            log=self.folder / "log",
            clock=self.clock,
            make_child=self._child,
            transport=httpx.MockTransport(lambda request: self.answer(request)),
        )

    def _child(self) -> Child:
        self.children.append(Brief())
        return self.children[-1]


async def test_a_running_server_is_joined(tmp_path: Path) -> None:
    """Where a server answers, none is started and none is stopped."""
    world = World(tmp_path, _ours)
    companion = world.companion()
    await companion.start()
    await world.clock.advance(10)
    await companion.stop()
    assert world.children == []


async def test_where_nobody_answers_one_server_is_started(tmp_path: Path) -> None:
    """Two consoles start one server between them, and it ends with the one that started it."""
    world = World(tmp_path, _refused)
    first, second = world.companion(), world.companion()
    await first.start()
    await second.start()
    await world.clock.advance(3)
    assert len(world.children) == 1
    world.answer = _ours
    await world.clock.advance(10)
    assert len(world.children) == 1
    await second.stop()
    assert not world.children[0].stopped
    await first.stop()
    assert world.children[0].stopped


async def test_the_other_console_takes_over(tmp_path: Path) -> None:
    """When the console that held the server goes, the one that is left starts its own."""
    world = World(tmp_path, _refused)
    first, second = world.companion(), world.companion()
    await first.start()
    await world.clock.advance(0)
    await second.start()
    await world.clock.advance(2)
    await first.stop()
    await world.clock.advance(4)
    assert [child.stopped for child in world.children] == [True, False]
    await second.stop()


async def test_a_server_that_ends_is_started_again_ever_later(tmp_path: Path) -> None:
    """A server that can't stay up isn't started in a tight loop: after 20 seconds there were four tries, not ten."""
    world = World(tmp_path, _refused)
    companion = world.companion()
    await companion.start()
    for _ in range(10):
        await world.clock.advance(2)
        world.children[-1].ends.set()
    assert len(world.children) == 4
    await companion.stop()


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (_ours, "ours"),
        (lambda _: httpx.Response(503, json={"status": "starting"}), "ours"),
        (lambda _: httpx.Response(200, text="<h1>Tomcat</h1>"), "foreign"),
        (lambda _: httpx.Response(404, json=["no"]), "foreign"),
        (_silent, "silent"),
        (_refused, "nobody"),
    ],
)
async def test_who_answers_is_told_apart(answer: Answer, found: str) -> None:
    """A server of ours, another program, one that says nothing, nobody."""
    async with httpx.AsyncClient(base_url="http://server", transport=httpx.MockTransport(answer)) as client:
        assert await who_answers(client) == found


@pytest.mark.parametrize("answer", [lambda _: httpx.Response(200, text="other"), _silent])
async def test_nothing_is_started_where_another_program_listens(tmp_path: Path, answer: Answer) -> None:
    """A taken port is told in the log; starting a server there would only fail."""
    world = World(tmp_path, answer)
    companion = world.companion()
    await companion.start()
    await world.clock.advance(10)
    await companion.stop()
    assert world.children == []


async def test_a_data_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Without the lock nothing is started, and looking goes on."""
    (tmp_path / "file").write_text("")
    world = World(tmp_path / "file", _refused)
    companion = world.companion()
    await companion.start()
    await world.clock.advance(4)
    await companion.stop()
    assert world.children == []
    assert not FileLock(tmp_path / "x").held
