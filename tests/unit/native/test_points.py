"""Text of many curves, of which another thread writes some."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bongsu import native
from bongsu.model.sample import Float64s

MANY = 4_000
"""Points from which on a second thread takes part."""

FORKED = """
import os, sys
import numpy as np
from bongsu import native
at, values = np.arange(1_000), [np.arange(1_000) / 4 + curve for curve in range(8)]
before = [bytes(text) for text in native.points(at, values)]
child = os.fork()
if not child:
    os._exit([bytes(text) for text in native.points(at, values)] != before)
sys.exit(os.waitpid(child, 0)[1])
"""


def curves(first: int, count: int) -> list[Float64s]:
    """Eight curves of that many points."""
    return [np.round(np.sin(np.arange(count) + first + curve) * 1e4, 3) for curve in range(8)]


def written(values: list[Float64s]) -> list[bytes]:
    """The texts of curves."""
    texts = native.points(np.arange(len(values[0])), values)
    assert texts is not None
    return [bytes(text) for text in texts]


def test_each_curve_has_its_own_text() -> None:
    """Written by two threads or by one: the same."""
    values = curves(0, MANY)
    assert written(values) == [written([value])[0] for value in values]


def test_many_ask_at_once() -> None:
    """Several threads write their curves; who finds the second thread busy does without it."""
    asked = [curves(first, MANY // 8) for first in range(20)]
    expected = [[written([value])[0] for value in values] for values in asked]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(5):
            assert list(threads.map(written, asked)) == expected


def test_a_fork_writes_as_well() -> None:
    """A process that was forked has no second thread, and starts its own."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], check=False, timeout=60)
    assert done.returncode == 0
