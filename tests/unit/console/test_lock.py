from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bongsu.console.lock import FileLock

HOLD = """
import sys
from pathlib import Path
from bongsu.console.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    """A second taker is turned away until the first lets go."""
    first, second = FileLock(tmp_path / "new" / "lock"), FileLock(tmp_path / "new" / "lock")
    assert first.acquire()
    assert first.acquire(), "taking it twice is the same as once"
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()
    assert not second.held


def test_a_holder_that_dies_leaves_it_open(tmp_path: Path) -> None:
    """The lock of a killed process is free at once."""
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        mine = FileLock(path)
        assert not mine.acquire()
        other.kill()
        other.wait()
        assert mine.acquire()
        mine.release()
