"""What is in the repository belongs to anybody: no path of one machine, no package index, no secret."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOREIGN = {
    "a path of one machine": re.compile(r"(?<![\w./$}>-])/(?:work|root|home/[a-z]+|Users/[A-Za-z]+|opt/[a-z-]+)/"),
    "an address of a package index": re.compile(r"--(?:extra-)?index-url|--find-links[= ]|https?://[^\s/]+/simple/"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a token": re.compile(r"\b(?:ghp_[A-Za-z0-9]{36}|xox[bap]-[0-9]{8,}|AKIA[A-Z0-9]{16})\b"),
}
LARGEST = 1_000_000
"""Bytes; only pictures may be larger."""


def tracked() -> list[Path]:
    """The files of the repository; outside of one, there is nothing to look at."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_nothing_of_one_machine() -> None:
    """No tracked text names a path, an index or a secret of whoever wrote it."""
    found = []
    for path in tracked():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {what}: {match[0]}"
            for what, pattern in FOREIGN.items()
            for match in pattern.finditer(text)
        ]
    assert found == []


def test_nothing_large() -> None:
    """No data, no build and no video slipped in."""
    large = [path for path in tracked() if path.stat().st_size > LARGEST and path.suffix != ".png"]
    assert large == []
