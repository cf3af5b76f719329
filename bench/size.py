"""What a sample costs on disk, all files counted; beside VictoriaMetrics.

    python -m bench.size [--hours 2] [--series 2000]

Both take the same samples, come to rest, and are stopped; VictoriaMetrics merges all its parts first, which is the
best it does. Then every file of the data folder counts: log, index, roll-ups, caches.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.figures import Figure, Goal, Outcome, table
from bench.load import Mix
from bench.priority import preferred
from bench.sending import bytes_in, load, merge, pair

PEER = "VictoriaMetrics"


def measure(*, hours: float = 2.0, series: int = 2_000) -> Outcome:
    """Load `hours` of `series` series at 1 s into both and count bytes."""
    ticks = round(hours * 3_600)
    samples = ticks * series
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        with ExitStack() as stack:
            servers = pair(stack, Path(scratch))
            load(servers, Mix(series=series), start=(int(time.time()) - ticks - 5) * 1_000, ticks=ticks)
            running = bytes_in(servers["columns"].folder)
            if theirs := servers.get("text"):
                merge(theirs)
            with preferred(servers["columns"].pid):  # it has ten seconds to compress what it still holds
                servers["columns"].stop()
        ours = bytes_in(servers["columns"].folder)
        peer = bytes_in(theirs.folder) if theirs else None
        core = bytes_in(theirs.folder / "data") + bytes_in(theirs.folder / "indexdb") if theirs else None
    figures = (
        Figure(
            what="bytes a sample, all files",
            unit="B",
            ours=ours / samples,
            peer=peer and peer / samples,
            peer_name=PEER,
            goal=Goal(bound=0.95, ratio=True),
        ),
        Figure(
            what="bytes a sample, theirs without the cache folder",
            unit="B",
            ours=ours / samples,
            peer=core and core / samples,
            peer_name=f"{PEER}, data and index",
        ),
        Figure(what="bytes a sample, while running", unit="B", ours=running / samples),
    )
    method = (
        f"{samples:,} samples ({series:,} series × {hours:g} h at 1 s; 70 % gauges with two decimals, 30 % counters), "
        "at rest, stopped; theirs after merging all parts. The randomness in the mix alone is 0.76 B a sample."
    )
    return Outcome(name="size", method=method, figures=figures)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--series", type=int, default=2_000)
    chosen = parser.parse_args()
    outcome = measure(hours=chosen.hours, series=chosen.series)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
