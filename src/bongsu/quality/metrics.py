"""What feeds yield, and what this room tells about itself."""

from __future__ import annotations

from bongsu.model.metric import Metric

FEED_METRICS: tuple[Metric, ...] = (
    Metric(
        name="feed_coverage",
        unit="%",
        topic="feeds",
        labels=("feed",),
        title_ko="피드 커버리지",
        title_en="Feed coverage",
        ko="지금 들어와야 하는 종목 가운데 실제로 들어오고 있는 종목의 비율입니다.",
        en="Share of the symbols that should be coming now and are.",
    ),
    Metric(
        name="feed_delay_seconds",
        unit="s",
        topic="feeds",
        labels=("feed", "quantile"),
        title_ko="피드 지연",
        title_en="Feed delay",
        ko="이벤트가 발생한 뒤 도착하기까지 걸린 시간의 최근 1분 분위수입니다.",
        en="Time from an event to its arrival over the last minute, by quantile.",
    ),
    Metric(
        name="feed_events_per_second",
        unit="1/s",
        topic="feeds",
        labels=("feed",),
        title_ko="초당 이벤트",
        title_en="Events a second",
        ko="피드에서 초당 받은 이벤트 수입니다.",
        en="Events of the feed received a second.",
    ),
    Metric(
        name="feed_completeness",
        topic="feeds",
        labels=("feed",),
        title_ko="완전성",
        title_en="Completeness",
        ko="와야 할 이벤트와 필수 필드가 빠짐없이 왔는지를 0~1로 나타낸 최근 1분 점수입니다.",
        en="Whether all events and required fields came, over the last minute (0 to 1).",
    ),
    Metric(
        name="feed_accuracy",
        topic="feeds",
        labels=("feed",),
        title_ko="정확성",
        title_en="Accuracy",
        ko="있을 수 없는 가격이나 수량, 튀는 값이 아닌 이벤트의 비율로 최근 1분 점수입니다.",
        en="Share of events without impossible prices, sizes or spikes, over the last minute (0 to 1).",
    ),
    Metric(
        name="feed_timeliness",
        topic="feeds",
        labels=("feed",),
        title_ko="적시성",
        title_en="Timeliness",
        ko="제때 도착한 비율에 지금의 신선도를 곱한 최근 1분 점수(0~1)입니다.",
        en="Share of events in time, times how fresh the symbols are now, over the last minute (0 to 1).",
    ),
    Metric(
        name="feed_consistency",
        topic="feeds",
        labels=("feed",),
        title_ko="일관성",
        title_en="Consistency",
        ko="순서, 호가, 고가와 저가, 누적 거래량이 서로 맞는 이벤트의 비율로 최근 1분 점수입니다.",
        en="Share of events whose order, book, bar and volume agree, over the last minute (0 to 1).",
    ),
    Metric(
        name="feed_quality",
        topic="feeds",
        labels=("feed", "symbol"),
        title_ko="데이터 품질",
        title_en="Data quality",
        ko="완전성·정확성·적시성·일관성의 가중 기하평균(0~1)입니다. 종목별로는 점수가 낮은 순서로 1분마다 기록합니다.",
        en="Weighted geometric mean of the four dimensions (0 to 1); of symbols the worst, every minute.",
    ),
    Metric(
        name="feed_symbols",
        topic="feeds",
        labels=("feed",),
        title_ko="종목 수",
        title_en="Symbols",
        ko="피드에서 알고 있는 종목 수입니다.",
        en="Symbols known of the feed.",
    ),
    Metric(
        name="feed_faults",
        topic="feeds",
        labels=("feed", "fault"),
        title_ko="피드 이상",
        title_en="Feed faults",
        ko="지금 이상이 있는 종목 수를 이상 종류별로 셉니다. 피드 전체의 이상은 1입니다.",
        en="Symbols with a fault just now, by fault; 1 for a fault of the whole feed.",
    ),
)
"""What every feed yields."""

OWN_METRICS: tuple[Metric, ...] = (
    Metric(
        name="bongsu_feeds_events_total",
        kind="counter",
        topic="system",
        title_ko="집계한 이벤트",
        title_en="Events counted",
        ko="저널에 기록하고 집계한 이벤트 수입니다.",
        en="Events journaled and counted.",
    ),
    Metric(
        name="bongsu_feeds_checkpoints_total",
        kind="counter",
        topic="system",
        title_ko="체크포인트",
        title_en="Checkpoints",
        ko="피드 상태를 디스크에 쓴 횟수입니다.",
        en="How often the feeds' state was written.",
    ),
    Metric(
        name="bongsu_feeds_waiting_bytes",
        unit="B",
        topic="system",
        title_ko="기록 대기 바이트",
        title_en="Bytes waiting",
        ko="저널에 기록되기를 기다리는 이벤트의 바이트 수입니다.",
        en="Bytes of events that wait for the journal.",
    ),
    Metric(
        name="bongsu_feeds_journal_bytes",
        unit="B",
        topic="system",
        title_ko="저널 크기",
        title_en="Journal",
        ko="지금 쓰고 있는 저널의 크기입니다.",
        en="Size of the journal being written.",
    ),
    Metric(
        name="bongsu_feeds_keys",
        topic="system",
        title_ko="기억하는 전송 키",
        title_en="Keys remembered",
        ko="다시 보내도 한 번만 세도록 기억하는 Idempotency-Key 수입니다.",
        en="Idempotency keys remembered, so that a body sent again counts once.",
    ),
    Metric(
        name="bongsu_feeds_keys_forgotten_total",
        kind="counter",
        topic="system",
        title_ko="일찍 잊은 전송 키",
        title_en="Keys forgotten early",
        ko="24시간이 지나기 전에 자리가 모자라 잊은 Idempotency-Key 수입니다.",
        en="Idempotency keys forgotten before their 24 hours for want of room.",
    ),
)
"""What keeping them tells about itself."""

METRICS: tuple[Metric, ...] = FEED_METRICS + OWN_METRICS
"""Catalogue entries of this room."""
