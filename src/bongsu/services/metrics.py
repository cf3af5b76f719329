"""The catalogue's chapter on services."""

from __future__ import annotations

from functools import partial

from bongsu.model.metric import Metric

_LABELS = {"service": ("service",), "service_route": ("service", "route")}
_OF = {
    "service": ("", "", "서비스", "service"),
    "service_route": ("경로별 ", "by route", "서비스의 경로", "route of a service"),
}


def _common(prefix: str) -> tuple[Metric, ...]:
    labels = _LABELS[prefix]
    ko, en, what_ko, what_en = _OF[prefix]
    gauge = partial(Metric, kind="gauge", topic="services", labels=labels)
    counter = partial(Metric, kind="counter", topic="services", labels=labels)
    return (
        counter(
            name=f"{prefix}_requests_total",
            title_ko=f"{ko}요청 수",
            title_en=f"Requests {en}".strip(),
            ko=f"{what_ko}가 처리한 요청 수입니다.",
            en=f"Requests that the {what_en} answered.",
        ),
        counter(
            name=f"{prefix}_errors_total",
            title_ko=f"{ko}오류 수",
            title_en=f"Errors {en}".strip(),
            ko=f"{what_ko}가 실패한 요청 수입니다(상태 코드 500 이상 또는 예외).",
            en=f"Requests at which the {what_en} failed (status 500 and above, or an exception).",
        ),
        counter(
            name=f"{prefix}_warnings_total",
            title_ko=f"{ko}경고 수",
            title_en=f"Warnings {en}".strip(),
            ko=f"{what_ko}가 거절한 요청 수입니다(상태 코드 400~499).",
            en=f"Requests that the {what_en} turned down (status 400 to 499).",
        ),
        gauge(
            name=f"{prefix}_error_rate",
            unit="%",
            title_ko=f"{ko}에러율",
            title_en=f"Error rate {en}".strip(),
            ko=f"최근 1분 동안 {what_ko}가 실패한 요청의 비율입니다.",
            en=f"Share of the {what_en}'s requests that failed during the last minute.",
        ),
        gauge(
            name=f"{prefix}_latency_ms",
            unit="ms",
            labels=(*labels, "quantile"),
            title_ko=f"{ko}응답 시간",
            title_en=f"Latency {en}".strip(),
            ko=f"최근 1분 동안 {what_ko}의 응답 시간 백분위입니다(오차 2% 이내).",
            en=f"Quantiles of how long the {what_en} took during the last minute, right within 2 %.",
        ),
    )


METRICS: tuple[Metric, ...] = (
    *_common("service"),
    Metric(
        name="service_requests_per_second",
        unit="1/s",
        topic="services",
        labels=("service",),
        title_ko="초당 요청",
        title_en="Requests a second",
        ko="최근 1분 동안 서비스가 처리한 요청 수를 초당으로 나타낸 값입니다.",
        en="Requests a second that the service answered, over the last minute.",
    ),
    *_common("service_route"),
    Metric(
        name="bongsu_services",
        topic="system",
        title_ko="지켜보는 서비스",
        title_en="Services watched",
        ko="요청을 보내오는 서비스 수입니다.",
        en="Services whose requests are told.",
    ),
    Metric(
        name="bongsu_service_routes",
        topic="system",
        title_ko="지켜보는 경로",
        title_en="Routes watched",
        ko="서비스의 경로를 모두 더한 수입니다.",
        en="Routes of all services together.",
    ),
    Metric(
        name="bongsu_requests_refused_total",
        kind="counter",
        topic="system",
        title_ko="거절한 요청 기록",
        title_en="Requests refused",
        ko="형식이 잘못되어 받지 않은 요청 기록의 수입니다.",
        en="Items of requests that were refused because they were faulty.",
    ),
)
