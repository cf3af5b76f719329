"""What a measurement gives: figures with the peer's beside them, the goal, and whether it is kept."""

from __future__ import annotations

import math
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound that a figure keeps or doesn't; `against` says what is bounded: our value, or ours ÷ the peer's."""

    bound: float
    at_least: bool = False
    ratio: bool = False

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:,g}{' ×' if self.ratio else ''}"

    def keeps(self, ours: float, peer: float | None) -> bool | None:
        """Whether the goal is kept; None where the peer it needs wasn't measured."""
        value = ours
        if self.ratio:
            if not peer:
                return None
            value = ours / peer
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured line."""

    what: str
    unit: str
    ours: float | None
    peer: float | None = None
    peer_name: str = ""
    goal: Goal | None = None

    @property
    def kept(self) -> bool | None:
        """Whether the goal is kept; None without a goal or without what it needs."""
        if self.goal is None or self.ours is None:
            return None
        return self.goal.keeps(self.ours, self.peer)

    def cells(self) -> list[str]:
        """The line's cells: what, unit, ours, peer, ratio, goal, verdict."""
        ratio = f"{self.ours / self.peer:.2f} ×" if self.ours is not None and self.peer else ""
        peer = f"{_short(self.peer)} ({self.peer_name})" if self.peer is not None else ""
        verdict = {True: "yes", False: "**no**", None: ""}[self.kept]
        return [self.what, self.unit, _short(self.ours), peer, ratio, str(self.goal or ""), verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All figures of one measurement, with the sentence that says how they came about."""

    name: str
    method: str
    figures: tuple[Figure, ...]


HEAD = ("", "unit", "Bongsu", "peer", "ratio", "goal", "kept")


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    rows: list[Sequence[str]] = [HEAD, ["---", "---", "---:", "---:", "---:", "---:", "---"]]
    rows += [figure.cells() for figure in figures]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def machine() -> str:
    """One sentence: on what this was measured, and with which versions."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?"
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    parts = [
        f"{os.cpu_count()} cores ({model})",
        f"{memory / 2**20:.0f} GiB of memory",
        f"Linux {platform.release().partition('-')[0]}",
        f"Python {platform.python_version()}",
        *(f"{name} {_version(name)}" for name in ("uvicorn", "uvloop", "msgspec", "numpy", "pcodec", "websockets")),
        *(f"{name} {found}" for name in ("victoria-metrics", "netdata") if (found := _debian(name))),
    ]
    return ", ".join(parts)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all lie at or below (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _short(value: float | None) -> str:
    if value is None:
        return "not measured"
    if value == 0 or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def _debian(name: str) -> str:
    try:
        done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.partition("+")[0].partition("-")[0]
