"""What a crash does to deliveries: killed anywhere, nothing is lost and nothing comes more than twice."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.integration.receivers import receiving

ROOT = Path(__file__).parents[2]
CHILD = ROOT / "tests" / "integration" / "notify_child.py"


@pytest.mark.slow
async def test_killed_between_any_two_statements(tmp_path: Path) -> None:
    """Whichever statement of folding and delivering it dies at: the open alert and the summary arrive, at most one of
    them twice and then under the same idempotency key, and what was folded never."""
    async with receiving() as receiver:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, str(CHILD), str(tmp_path), receiver.url],
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
        )
    heard: dict[str, list[str]] = defaultdict(list)
    for request in receiver.got:
        heard[request.path[1:]].append(request.headers["idempotency-key"])
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    walks = {found["walk"]: found["done"] for found in map(json.loads, lines)}
    assert len(walks) > 20, done.stderr
    assert set(heard) == set(walks)
    twice = 0
    for walk, keys in heard.items():
        summaries = {key for key in keys if key.startswith("summary-")}
        assert len(summaries) == 1
        assert set(keys) == {"fired-c", *summaries}
        again = [times for times in Counter(keys).values() if times > 1]
        assert again in ([], [2])
        twice += len(again)
        states = Counter(walks[walk].values())
        # Where it died between putting the summary and dropping what it tells of, a second one takes the first in.
        assert (states["sent"], states["dropped"] in (4, 5), len(states)) == (2, True, 2)
    assert twice, "the kill between sending and noting it was tried"
