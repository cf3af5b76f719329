"""What the demo's figures are called, so that its screens speak in sentences too."""

from __future__ import annotations

from bongsu.model.metric import Metric

METRICS: tuple[Metric, ...] = (
    Metric(
        name="shop_orders_today",
        topic="shop",
        labels=("marketplace",),
        title_ko="오늘 주문",
        title_en="Orders today",
        ko="자정(서울) 이후 결제된 주문 수입니다.",
        en="Orders paid since midnight in Seoul.",
    ),
    Metric(
        name="shop_revenue_today_krw",
        unit="KRW",
        topic="shop",
        labels=("marketplace",),
        title_ko="오늘 매출",
        title_en="Revenue today",
        ko="자정(서울) 이후 결제된 금액의 합계입니다.",
        en="Money paid since midnight in Seoul.",
    ),
    Metric(
        name="shop_orders_per_minute",
        unit="1/min",
        topic="shop",
        title_ko="분당 주문",
        title_en="Orders a minute",
        ko="최근 1분 동안 결제된 주문 수입니다.",
        en="Orders paid during the last minute.",
    ),
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
