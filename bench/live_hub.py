"""What the hub costs without sockets: taking samples, building and compressing a frame.

python -m bench.live_hub [--series 2000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from bongsu.live.frame import deflated_text
from bongsu.live.topics import BITS
from bongsu.live.values import Values
from bongsu.model.catalogue import Catalogue
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable


def cpu(work: Callable[[], object], times: int) -> float:
    """The least CPU seconds a call in five rounds."""
    rounds = []
    for _ in range(5):
        begin = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - begin) / times)
    return min(rounds)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--series", type=int, default=2_000)
    count = options.parse_args().series
    table = SeriesTable()
    labels = [labels_of(core=str(n % 50), host=f"web-{n // 50}") for n in range(count)]
    ids = np.array([table.intern("core_load", one) for one in labels], np.int32)
    held = Values(table=table, catalogue=Catalogue())
    value = (np.random.default_rng(1).random(count) * 100).round(2)
    at = np.full(count, 1_763_778_000_000)

    def take(size: int) -> None:
        at[:size] += 1
        held.take(Batch(series=ids[:size], at=at[:size], value=value[:size]))

    print("| step | CPU |\n|---|---|")
    for size in (1, 100, count):
        seconds = cpu(lambda size=size: take(size), 2_000)  # type: ignore[misc]
        print(f"| publish {size:,} samples | {seconds * 1e6:.1f} µs, {seconds / size * 1e9:.0f} ns a sample |")
    changed = held.changed_since(0, BITS["custom"])
    body = held.entries(changed)
    print(f"| find what changed | {cpu(lambda: held.changed_since(0, BITS['custom']), 1_000) * 1e6:.1f} µs |")
    built = cpu(lambda: held.entries(changed), 50) * 1e3
    print(f"| build a frame of {count:,} series ({len(body) / 1e3:.0f} KB) | {built:.2f} ms |")
    pressed = cpu(lambda: deflated_text(body), 50) * 1e3
    print(f"| compress it (to {len(deflated_text(body)) / 1e3:.0f} KB) | {pressed:.2f} ms |")


if __name__ == "__main__":
    main()
