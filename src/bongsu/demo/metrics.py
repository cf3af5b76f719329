"""What the demo's figures are called, so that its screens speak in sentences too."""

from __future__ import annotations

from bongsu.model.metric import Metric

METRICS: tuple[Metric, ...] = (
    Metric(
        name="feed_delay_seconds",
        unit="s",
        topic="feeds",
        labels=("feed",),
        title_ko="피드 지연",
        title_en="Feed delay",
        ko="시세가 발생한 뒤 도착하기까지 걸린 시간의 중앙값입니다.",
        en="Median time from a quote's event to its arrival.",
    ),
    Metric(
        name="feed_coverage",
        unit="%",
        topic="feeds",
        labels=("feed",),
        title_ko="피드 커버리지",
        title_en="Feed coverage",
        ko="수신해야 할 종목 가운데 실제로 수신 중인 비율입니다.",
        en="Share of the expected symbols that are being received.",
    ),
)
