"""Your own metrics: one function, or one method, is enough to have them stored, pushed, drawn and exported.

Run it as a script, and it prints what was measured:

    python examples/own_metric.py

Or let the server measure: with `"collectors": ["own_metric"]` in config/monitoring_config.json and this file in
the folder where `bongsu up` is started, the metrics appear on the board by themselves.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bongsu import MetricsCollector, RealTimeMonitor, metric

INBOX = Path.home()  # any folder will do for an example


@metric("inbox_files", interval=5, ko="받은 폴더에 쌓인 파일 수입니다.", en="Files waiting in the inbox.")
def inbox_files() -> int:
    """A number: one series. A plain function is read in a thread, so it may wait for a disk or a database."""
    return sum(1 for _ in INBOX.iterdir())


@metric(
    "inbox_bytes",
    by="kind",
    interval=5,
    ko="받은 폴더의 크기를 종류별로 합한 값입니다.",
    en="Size of the inbox by kind.",
)
def inbox_bytes() -> dict[str, int]:
    """Numbers by label value: one series each. Keep the values few, for each is stored for two years."""
    found: dict[str, int] = {}
    for path in INBOX.iterdir():
        if path.is_file():
            kind = path.suffix.removeprefix(".") or "other"
            found[kind] = found.get(kind, 0) + path.stat().st_size
    return found


class Deliveries(MetricsCollector):
    """The guide's way: add a method, call it in `get_realtime_metrics()`."""

    interval = 5.0

    def get_waiting(self) -> dict[str, int]:
        """Where a shop would ask its database; keys are label texts."""
        return {"market=naver": 12, "market=coupang": 7}

    def get_realtime_metrics(self) -> dict[str, Any]:
        """This machine's readings, and ours."""
        metrics = super().get_realtime_metrics()
        metrics["deliveries_waiting"] = self.get_waiting()
        return metrics


def main() -> None:
    """Measure for three seconds and print what there is."""
    with RealTimeMonitor(collectors=[inbox_files, inbox_bytes, Deliveries()]) as monitor:
        time.sleep(3)
        for name, value in monitor.get_latest_metrics().items():
            print(f"{name:40} {value}")  # noqa: T201 - what a script is for


if __name__ == "__main__":
    main()
