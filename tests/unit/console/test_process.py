from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bongsu.console.child import Child
from bongsu.console.metrics import METRICS
from bongsu.console.place import Place
from bongsu.console.process import ConsoleProcess, console_command, free_port
from bongsu.http.limits import ServerLimits
from tests.fakes.clock import VirtualClock

PLACE = Place(rest_url="http://127.0.0.1:8080", language="en", public_url="https://봉수.example")


class Brief(Child):
    """A child that ends when told to."""

    def __init__(self, *, missing: bool = False) -> None:
        super().__init__([], log=Path("unused"), environment={})
        self.missing = missing
        self.ends = asyncio.Event()
        self.stopped = False
        self.started = False
        self.heard: list[str] = []

    @property
    def pid(self) -> int | None:
        return 42 if self.started and not self.ends.is_set() else None

    async def start(self) -> None:
        if self.missing:
            raise FileNotFoundError("python")
        self.started = True

    async def wait(self) -> int:
        await self.ends.wait()
        return 1

    def say(self, line: str) -> None:
        self.heard.append(line)

    async def stop(self, patience: float = 10.0) -> None:
        self.stopped = True
        self.ends.set()


def _console(clock: VirtualClock, make: Callable[[Sequence[str]], Child]) -> ConsoleProcess:
    return ConsoleProcess(PLACE, host="127.0.0.1", port=0, log=Path("unused"), clock=clock, make_child=make)


def _figures(console: ConsoleProcess) -> dict[str, float]:
    return {sample.metric: sample.value for sample in console.figures()}


async def test_a_console_that_ends_is_started_again_ever_later() -> None:
    """Restarts wait 1, 2, 4 … 30 seconds, and each is counted."""
    clock = VirtualClock()
    made: list[Brief] = []

    def make(_: Sequence[str]) -> Child:
        made.append(Brief())
        made[-1].ends.set()
        return made[-1]

    console = _console(clock, make)
    await console.start()
    counts = []
    for wait in (0, 1, 2, 4, 8, 16, 30, 30):
        await clock.advance(wait)
        counts.append(len(made))
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8]
    assert _figures(console) == {"bongsu_console_up": 0.0, "bongsu_console_restarts_total": 7.0}
    await console.stop()


async def test_a_steady_console_is_started_again_soon() -> None:
    """After a minute of life the waiting starts anew at one second."""
    clock = VirtualClock()
    made: list[Brief] = []

    def make(_: Sequence[str]) -> Child:
        made.append(Brief())
        return made[-1]

    console = _console(clock, make)
    await console.start()
    await clock.advance(0)
    made[0].ends.set()
    await clock.advance(1)
    await clock.advance(61)
    assert _figures(console)["bongsu_console_up"] == 1.0
    made[1].ends.set()
    await clock.advance(1)
    assert len(made) == 3
    await console.stop()


async def test_changed_limits_reach_it() -> None:
    """What bounds the other ports now bounds the console's, also after it was started again."""
    clock = VirtualClock()
    made: list[Brief] = []

    def make(_: Sequence[str]) -> Child:
        made.append(Brief())
        return made[-1]

    console = _console(clock, make)
    console.bound(ServerLimits(idle_seconds=6))  # nobody hears it yet
    await console.start()
    await clock.advance(0)
    console.bound(ServerLimits(idle_seconds=7))
    assert [json.loads(line)["idle_seconds"] for line in made[0].heard] == [6, 7]
    made[0].ends.set()
    await clock.advance(1)
    assert [json.loads(line)["idle_seconds"] for line in made[1].heard] == [7]
    await console.stop()


async def test_stopping_ends_the_child_and_the_watching() -> None:
    """After a stop nothing is started any more."""
    clock = VirtualClock()
    made: list[Brief] = []

    def make(_: Sequence[str]) -> Child:
        made.append(Brief())
        return made[-1]

    console = _console(clock, make)
    await console.start()
    await clock.advance(0)
    await console.stop()
    assert made[0].stopped
    await clock.advance(120)
    assert len(made) == 1


async def test_a_program_that_is_not_there_is_tried_again() -> None:
    """A child that can't even be started doesn't end the watching."""
    clock = VirtualClock()
    made: list[Brief] = []

    def make(_: Sequence[str]) -> Child:
        made.append(Brief(missing=len(made) == 0))
        return made[-1]

    console = _console(clock, make)
    await console.start()
    await clock.advance(1)
    assert console.pid == 42
    await console.stop()


async def test_a_console_that_never_answers_is_given_up_on() -> None:
    """Waiting for it ends with the patience."""
    clock = VirtualClock()
    console = _console(clock, lambda _: Brief())
    waiting = asyncio.create_task(console.answering(patience=1))
    while not waiting.done():
        await clock.advance(0.5)
        await asyncio.sleep(0)
    assert waiting.result() is False


def test_every_figure_is_in_the_catalogue() -> None:
    """What the supervisor tells is declared."""
    console = _console(VirtualClock(), lambda _: Child([], log=Path("x"), environment={}))
    assert set(_figures(console)) == {metric.name for metric in METRICS}


def test_the_command_carries_the_place() -> None:
    """The child is told where the server is, in ASCII, and to end with us."""
    command = console_command(PLACE, port=8501, hosts=["a.example"])
    assert command[:3] == [sys.executable, "-m", "bongsu.console"]
    place = next(part for part in command if part.startswith("--place="))
    assert place.isascii()
    assert json.loads(place.removeprefix("--place="))["public_url"] == "https://봉수.example"
    assert {"--port=8501", "--allow=a.example", "--tied"} <= set(command)


def test_a_free_port_can_be_taken() -> None:
    """The port that is picked is free."""
    assert free_port() > 1_023


def test_the_server_process_loads_no_screen_library() -> None:
    """Supervising the console imports neither Streamlit nor Plotly."""
    code = (
        "import sys, bongsu.console.process; print([m for m in ('streamlit', 'plotly', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
