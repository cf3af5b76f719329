"""Where the time of the loop's thread goes."""

from __future__ import annotations

import asyncio
import cProfile
import pstats
from pathlib import Path

import pytest

from bongsu import RealTimeMonitor
from bongsu.commands.loop import loop_factory
from bongsu.commands.profile import profiling, unwritable
from bongsu.commands.words import Words

ENGLISH = Words("en")


def called(profile: str | cProfile.Profile) -> set[str]:
    """The names of the functions that a profile counted."""
    return {name for _, _, name in pstats.Stats(profile).stats}  # type: ignore[attr-defined]


def _from_a_callback() -> None:
    """Looked for in the profile."""


@pytest.mark.guide("G051")
def test_the_loops_callbacks_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What uvloop (where it is installed) calls is in the file, which pstats reads, even where the run fails."""

    async def run() -> None:
        asyncio.get_running_loop().call_soon(_from_a_callback)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        raise ValueError

    file = tmp_path / "up.prof"
    with (
        pytest.raises(ValueError),
        profiling(ENGLISH, file),
        asyncio.Runner(loop_factory=loop_factory()) as runner,
    ):
        runner.run(run())
    assert {"_from_a_callback", "run"} <= called(str(file))
    assert f"python -m pstats {file}" in capsys.readouterr().out


def test_without_a_file_nothing_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Who doesn't ask pays nothing."""
    with profiling(ENGLISH, None):
        pass
    assert unwritable(None) == ""
    assert capsys.readouterr() == ("", "")


def test_a_file_that_cant_be_written_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything starts, and at the end where the folder went away meanwhile."""
    lost = tmp_path / "no" / "up.prof"
    assert unwritable(lost) == "No such file or directory"
    with profiling(ENGLISH, lost):
        pass
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.guide("G051")
def test_the_guides_profile_of_a_monitor(capsys: pytest.CaptureFixture[str]) -> None:
    """The guide's lines: `start_monitoring()` under cProfile returns, is counted, and monitoring goes on."""
    monitor = RealTimeMonitor(interval=0.1)
    profiler = cProfile.Profile()
    profiler.enable()

    monitor.start_monitoring()

    profiler.disable()
    stats = pstats.Stats(profiler)
    stats.sort_stats("cumulative")
    stats.print_stats(20)
    assert "start_monitoring" in capsys.readouterr().out
    assert "cpu_usage" in monitor.get_latest_metrics()
    monitor.stop_monitoring()
