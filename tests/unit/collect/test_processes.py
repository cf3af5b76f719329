"""The walk over /proc."""

from __future__ import annotations

import os
from pathlib import Path

from bongsu.collect.processes import ProcessCollector, ProcWalk
from tests.fakes.clock import VirtualClock


def process(
    proc: Path,
    pid: int,
    comm: str,
    *,
    state: str = "S",
    parent: int = 1,
    ticks: int = 0,
    pages: int = 1,
    command: str = "",
) -> None:
    home = proc / str(pid)
    home.mkdir(exist_ok=True)
    fields = [state, parent, 0, 0, 0, -1, 0, 0, 0, 0, 0, ticks, 0, 0, 0, 20, 0, 3, 0, 1000 + pid, 9999, pages, 0, 0, 0]
    (home / "stat").write_text(f"{pid} ({comm}) {' '.join(map(str, fields))}\n")
    (home / "cmdline").write_bytes(command.replace(" ", "\0").encode())


def test_what_a_process_says_of_itself(proc: Path) -> None:
    """Names with blanks and brackets, or cut by the kernel; kernel threads; what isn't a process is passed over."""
    process(proc, 10, "tmux: server (1)", ticks=250, pages=7, state="R")
    process(proc, 11, "a-very-long-nam", command="/usr/bin/a-very-long-name --password hunter2")
    process(proc, 12, "kworker/0:1", parent=2)
    (proc / "meminfo").write_text("")
    (proc / "13").mkdir()  # ended between the listing and the reading
    found = {one.pid: one for one in ProcWalk(proc)()}
    assert set(found) == {10, 11, 12}
    first = found[10]
    assert (first.name, first.state, first.threads) == ("tmux: server (1)", "R", 3)
    assert first.cpu == 250 / os.sysconf("SC_CLK_TCK")
    assert first.memory == 7 * os.sysconf("SC_PAGE_SIZE")
    assert found[11].name == "a-very-long-name", "in full, but never with its arguments: they hold secrets"
    assert found[12].kernel
    assert not first.kernel


def test_a_name_is_not_to_be_trusted(proc: Path) -> None:
    """What can't be shown is replaced: names are chosen by whoever starts a process."""
    process(proc, 10, "bad\x07\nname")
    assert ProcWalk(proc)()[0].name == "bad\ufffd\ufffdname"


def test_a_name_that_changes_is_seen(proc: Path) -> None:
    """A program that becomes another keeps its pid and start, but not its name."""
    walk = ProcWalk(proc)
    process(proc, 10, "sh")
    assert walk()[0].name == "sh"
    process(proc, 10, "python")
    assert walk()[0].name == "python"


async def test_counts_list_and_series(clock: VirtualClock, proc: Path) -> None:
    """Every state is told each time; CPU needs two readings; the list is there for screens."""
    collector = ProcessCollector(clock=clock, walk=ProcWalk(proc))
    assert collector.top() is None
    process(proc, 10, "busy", state="R")
    process(proc, 11, "dead", state="Z")
    samples = collector.collect()
    states = {dict(s.labels)["state"]: s.value for s in samples if s.metric == "processes_by_state"}
    assert states == {"running": 1, "zombie": 1, "sleeping": 0, "disk": 0, "stopped": 0, "idle": 0}
    assert not [s for s in samples if s.metric == "process_cpu_usage"]
    await clock.advance(5)
    process(proc, 10, "busy", state="R", ticks=5 * os.sysconf("SC_CLK_TCK") // 2)
    samples = collector.collect()
    assert {dict(s.labels)["process"]: s.value for s in samples if s.metric == "process_cpu_usage"} == {
        "busy": 50.0,
        "dead": 0.0,
    }
    top = collector.top()
    assert top is not None
    assert [(row.pid, row.name, row.state, row.cpu) for row in top.rows] == [
        (10, "busy", "running", 50.0),
        (11, "dead", "zombie", 0.0),
    ]
    assert top.at == clock.now()
    collector.close()
