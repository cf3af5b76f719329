"""Runs the measurements: `python -m bench [NAME …] [--quick] [--write]`."""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any, cast

from bench.figures import Outcome, table
from bench.report import write

LENGTHS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ingest": ({}, {"rounds": 1, "ticks": 2_700, "pace_seconds": 15}),
    "size": ({}, {"hours": 0.5}),
    "query": ({}, {"series": 20, "rounds": 20}),
    "screen": ({}, {"updates": 60, "loads": 3}),
    "console": ({}, {"updates": 30, "loads": 3, "seconds": 35}),
    "live_fanout": ({}, {"clients": (1_000,), "seconds": 4}),
    "boards": ({}, {"seconds": 10}),
    "shop": ({}, {"orders": 200_000, "products": 5_000, "spans": (36,), "rounds": 20, "seconds": 15}),
    "rules": ({}, {"rounds_each": 30, "crossing": 40}),
    "alerts": ({}, {"alerts": 50}),
    "feeds": ({}, {"seconds": 15}),
    "feed_memory": ({}, {"symbols": 500}),
    "scores": ({}, {"events": 40}),
    "bus": ({}, {"seconds": 15}),
    "idle": ({}, {"minutes": 1.0}),
    "anomaly": ({}, {"symbols": 40, "days": 5, "series": 16}),
}
"""Each measurement with what it is given in full and with --quick."""


def main() -> int:
    """Measure what is named (all without a name), print the tables; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, beside the peers installed here.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(LENGTHS)}")
    parser.add_argument("--quick", action="store_true", help="shorter runs: a hint, not a figure to quote")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    parser.add_argument(
        "--series", type=int, help="so many series instead, where a measurement can be told (query, size)"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - LENGTHS.keys():
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}; there are {', '.join(LENGTHS)}")
    missed = 0
    for name in chosen.names or LENGTHS:
        print(f"\n## {name}\n", flush=True)
        full, quick = LENGTHS[name]
        measure = cast("Callable[..., Outcome]", importlib.import_module(f"bench.{name}").measure)
        wanted = dict(quick if chosen.quick else full)
        if chosen.series and "series" in inspect.signature(measure).parameters:
            wanted["series"] = chosen.series
        outcome = measure(**wanted)
        print(table(outcome.figures), outcome.method, sep="\n\n", flush=True)
        missed += sum(figure.kept is False for figure in outcome.figures)
        if chosen.write:
            write(outcome)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
