"""What a crash does to alerts: killed at any statement from the signal to the receipt, people hear once of each."""

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
CHILD = ROOT / "tests" / "integration" / "alerts_child.py"


@pytest.mark.slow
async def test_killed_between_any_two_statements(tmp_path: Path) -> None:
    """Whichever statement it dies at: one alert lived, its beginning and its end were told under one key each, and at
    most one of them came twice, with that same key."""
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
    heard: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for request in receiver.got:
        heard[request.path[1:]].append((request.json["kind"], request.headers["idempotency-key"]))
    walks = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(walks) > 25, done.stderr
    twice = 0
    for walk in walks:
        assert walk["alerts"] == ["resolved"]
        keys = heard[walk["walk"]]
        assert {kind for kind, _ in keys} == {"fired", "resolved"}
        assert len(set(keys)) == 2, "each was told under one idempotency key"
        again = [times for times in Counter(keys).values() if times > 1]
        assert again in ([], [2])
        twice += len(again)
        assert sorted(state for _, _, state in walk["done"]) == ["sent", "sent"]
    assert twice, "the kill between sending and noting it was tried"
