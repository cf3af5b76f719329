"""The figures of checks, connections and marketplaces, as entries of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bongsu.model.check import Kind
from bongsu.model.metric import Metric

_THINGS: dict[Kind, tuple[str, str, str, str]] = {
    "marketplace": ("마켓 API", "Marketplace API", "마켓플레이스 API", "the marketplace's API"),
    "check": ("점검", "Check", "점검 대상", "what is checked"),
    "connection": ("연결", "Connection", "연결 대상", "the other side of the connection"),
}
"""Title and name in a sentence, in Korean and English."""

_STATES = (
    "0 up, 1 pending, 2 maintenance, 3 rate_limited, 4 degraded, 5 config_error, 6 auth_failed, 7 down",
    "0 정상, 1 확인 중, 2 점검 중, 3 호출 제한, 4 저하, 5 설정 오류, 6 인증 실패, 7 장애",
)


def _of(kind: Kind) -> Iterator[Metric]:
    title_ko, title_en, thing_ko, thing_en = _THINGS[kind]
    entry = partial(Metric, topic="checks", labels=(kind,))
    yield entry(
        name=f"{kind}_up",
        title_ko=f"{title_ko} 응답 여부",
        title_en=f"{title_en} answers",
        ko=f"{thing_ko}에 마지막으로 물었을 때 제대로 답했으면 1, 아니면 0입니다. "
        "점검 중이거나 호출이 제한된 동안에는 값이 없습니다.",
        en=f"1 where {thing_en} gave the right answer last time, else 0; no value during maintenance and rate limits.",
    )
    yield entry(
        name=f"{kind}_state",
        title_ko=f"{title_ko} 상태",
        title_en=f"{title_en} state",
        ko=f"{thing_ko}의 상태입니다({_STATES[1]}). 3번 잇달아 실패하면 장애, 2번 잇달아 성공하면 정상입니다.",
        en=f"State of {thing_en}: {_STATES[0]}. Down after 3 failures in a row, up again after 2 successes.",
    )
    yield entry(
        name=f"{kind}_response_ms",
        unit="ms",
        title_ko=f"{title_ko} 응답 시간",
        title_en=f"{title_en} response time",
        ko=f"{thing_ko}의 응답 시간으로, 이름 조회부터 마지막 바이트까지 잰 것입니다.",
        en=f"Time {thing_en} took to answer, from name look-up to the last byte.",
    )
    yield entry(
        name=f"{kind}_availability",
        unit="%",
        labels=(kind, "window"),
        title_ko=f"{title_ko} 가용성",
        title_en=f"{title_en} availability",
        ko="기간(24h, 7d, 30d, 90d) 동안 제대로 답한 비율입니다. 점검과 호출 제한 시간은 계산에서 뺍니다.",
        en="Share of right answers over the window (24h, 7d, 30d, 90d); maintenance and rate limits are left out.",
    )


def _over_tls(kind: Kind) -> Iterator[Metric]:
    title_ko, title_en, thing_ko, thing_en = _THINGS[kind]
    entry = partial(Metric, topic="checks", labels=(kind,))
    yield entry(
        name=f"{kind}_phase_ms",
        unit="ms",
        labels=(kind, "phase"),
        title_ko=f"{title_ko} 단계별 시간",
        title_en=f"{title_en} phases",
        ko="응답 시간을 나눈 것입니다: 이름 조회(dns), 연결(connect), TLS(tls), 첫 바이트(first_byte), 전송(transfer).",
        en="Parts of the response time: dns, connect, tls, first_byte, transfer.",
    )
    yield entry(
        name=f"{kind}_certificate_days",
        unit="d",
        title_ko=f"{title_ko} 인증서 남은 기간",
        title_en=f"{title_en} certificate days left",
        ko=f"{thing_ko}의 인증서가 만료되기까지 남은 일수입니다. 14일 이하면 주의, 3일 이하면 위험입니다.",
        en=f"Days until the certificate of {thing_en} ends: a warning from 14, critical from 3.",
    )


def _figure(name: str, unit: str, ko: tuple[str, str], en: tuple[str, str], *labels: str) -> Metric:
    return Metric(
        name=f"connection_{name}",
        unit=unit,
        topic="checks",
        labels=("connection", *labels),
        title_ko=ko[0],
        ko=ko[1],
        title_en=en[0],
        en=en[1],
    )


MARKETPLACES: tuple[Metric, ...] = (
    *_of("marketplace"),
    *_over_tls("marketplace"),
    Metric(
        name="marketplace_key_days",
        unit="d",
        topic="checks",
        labels=("marketplace",),
        title_ko="API 키 남은 기간",
        title_en="API key days left",
        ko="설정에 적은 날짜를 기준으로 API 키가 만료되기까지 남은 일수입니다. 쿠팡 키는 180일 동안 쓸 수 있습니다.",
        en="Days until the API key ends, by the date in the settings; Coupang's keys live 180 days.",
    ),
)
CHECKS: tuple[Metric, ...] = (*_of("check"), *_over_tls("check"))

_own_gauge = partial(Metric, topic="system")
_own_counter = partial(Metric, kind="counter", topic="system")

OWN: tuple[Metric, ...] = (
    _own_gauge(
        name="bongsu_checks_watched",
        title_ko="점검 대상 수",
        title_en="Things checked",
        ko="마켓플레이스, 점검, 연결을 모두 합친 감시 대상의 수입니다.",
        en="Marketplaces, checks and connections watched, in all.",
    ),
    _own_gauge(
        name="bongsu_checks_failing",
        title_ko="이상 대상 수",
        title_en="Things not well",
        ko="감시 대상 가운데 지금 정상이 아닌 것의 수입니다.",
        en="How many of them aren't well now.",
    ),
    _own_counter(
        name="bongsu_checks_probes_total",
        title_ko="점검 횟수",
        title_en="Probes made",
        ko="감시 대상에 물어본 횟수입니다.",
        en="Times that something watched was asked.",
    ),
    _own_counter(
        name="bongsu_checks_left_alone_total",
        title_ko="건너뛴 점검",
        title_en="Probes left out",
        ko="호출 제한이나 인증 실패 때문에 상대를 더 건드리지 않으려고 건너뛴 점검 횟수입니다.",
        en="Probes not made because the other side limits calls or refuses the key, so as not to harm the seller.",
    ),
    _own_counter(
        name="bongsu_checks_unkept_total",
        title_ko="저장하지 못한 점검 값",
        title_en="Readings of checks not kept",
        ko="점검에서 나왔지만 저장하지 못한 샘플 수입니다.",
        en="Samples of checks that couldn't be kept.",
    ),
    _own_counter(
        name="bongsu_checks_errors_total",
        title_ko="점검 내부 오류",
        title_en="Checks broken",
        ko="상대가 아니라 봉수 자신의 잘못으로 끝내지 못한 점검 횟수입니다. 로그를 확인하세요.",
        en="Probes that failed by our own fault; see the log.",
    ),
    _own_counter(
        name="bongsu_marks_dropped_total",
        title_ko="남기지 못한 마크",
        title_en="Marks not kept",
        ko="상태 변화 가운데 타임라인에 남기지 못한 것의 수입니다.",
        en="Changes of state that couldn't be kept as marks on the timeline.",
    ),
    _own_gauge(
        name="bongsu_checks_redis_up",
        title_ko="상태 캐시(Redis)",
        title_en="State cache (Redis)",
        ko="점검 상태를 캐싱하는 Redis가 답하면 1, 아니면 0입니다. 그동안 상태는 메모리에 있습니다.",
        en="1 while the Redis that caches states answers; meanwhile they are in memory.",
    ),
    _own_counter(
        name="bongsu_checks_redis_errors_total",
        title_ko="상태 캐시 오류",
        title_en="State cache errors",
        ko="상태를 캐싱하는 Redis가 답하지 않은 횟수입니다.",
        en="Times that the Redis that caches states didn't answer.",
    ),
)

CONNECTIONS: tuple[Metric, ...] = (
    *_of("connection"),
    *_over_tls("connection"),
    _figure(
        "sessions",
        "",
        ("쓰고 있는 연결", "데이터베이스나 서버에 지금 맺어져 있는 연결 수입니다."),
        ("Connections used", "Connections that the database or server holds now."),
    ),
    _figure(
        "sessions_limit",
        "",
        ("허용 연결 수", "데이터베이스나 서버가 받아들이는 최대 연결 수입니다."),
        ("Connections allowed", "Connections that it takes at most."),
    ),
    _figure(
        "replication_lag_seconds",
        "s",
        ("복제 지연", "복제본이 원본보다 뒤처진 시간입니다."),
        ("Replication lag", "How far the replica is behind."),
    ),
    _figure(
        "memory_bytes",
        "B",
        ("메모리", "Redis나 RabbitMQ가 데이터에 쓰고 있는 메모리입니다."),
        ("Memory", "Memory that Redis or RabbitMQ uses for its data."),
    ),
    _figure(
        "memory_limit_bytes",
        "B",
        ("메모리 한도", "Redis나 RabbitMQ에 정해진 메모리 한도입니다. 한도가 없으면 값이 없습니다."),
        ("Memory limit", "The limit set for it; no value where there is none."),
    ),
    _figure(
        "queue_messages",
        "",
        ("큐 길이", "큐에서 기다리는 메시지 수입니다."),
        ("Queue depth", "Messages waiting in the queue."),
        "queue",
    ),
    _figure(
        "queue_consumers",
        "",
        ("큐 소비자", "큐를 읽고 있는 소비자 수입니다."),
        ("Queue consumers", "Consumers that read the queue."),
        "queue",
    ),
)

METRICS: tuple[Metric, ...] = (*MARKETPLACES, *CHECKS, *CONNECTIONS, *OWN)
