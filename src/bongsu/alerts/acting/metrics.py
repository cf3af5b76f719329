"""What actions tell about themselves, as an entry of the catalogue."""

from __future__ import annotations

from bongsu.model.metric import Metric

METRICS: tuple[Metric, ...] = (
    Metric(
        name="bongsu_actions_total",
        kind="counter",
        topic="system",
        title_ko="자동 대응",
        title_en="Automatic actions",
        ko="자동 대응을 실행하거나 막은 횟수를 결과별로 나타냅니다.",
        en="Times that automatic actions ran or were held back, by how it came out.",
        labels=("action", "outcome"),
    ),
)
