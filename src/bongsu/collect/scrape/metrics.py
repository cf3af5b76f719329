"""The catalogue's chapter on scraped targets."""

from __future__ import annotations

from bongsu.model.metric import Metric

METRICS: tuple[Metric, ...] = (
    Metric(
        name="scrape_up",
        topic="services",
        labels=("target",),
        title_ko="스크레이프 대상 응답",
        title_en="Target answers",
        ko="대상의 메트릭을 읽었으면 1, 못 읽었으면 0.",
        en="1 while the target's metrics can be read, else 0.",
    ),
    Metric(
        name="scrape_duration_ms",
        unit="ms",
        topic="services",
        labels=("target",),
        title_ko="스크레이프 소요 시간",
        title_en="Scrape duration",
        ko="대상에 물어 메트릭을 읽는 데 걸린 시간.",
        en="How long it took to ask the target and read its metrics.",
    ),
    Metric(
        name="scrape_samples",
        topic="services",
        labels=("target",),
        title_ko="스크레이프 샘플",
        title_en="Samples a scrape",
        ko="마지막 스크레이프에서 받은 샘플 수.",
        en="Samples taken from the last scrape.",
    ),
    Metric(
        name="scrape_refused_total",
        kind="counter",
        topic="services",
        labels=("target",),
        title_ko="받지 않은 스크레이프 샘플",
        title_en="Samples refused",
        ko="한도를 넘거나 이름이 맞지 않아 받지 않은 샘플 수.",
        en="Samples that were refused: beyond the target's limit, or with a name or labels we can't keep.",
    ),
)
