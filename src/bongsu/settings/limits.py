"""The bounds that keep one sender, one client or one query from harming the rest."""

from __future__ import annotations

from bongsu.settings.duration import Duration
from bongsu.settings.parts import Section, told


class Limits(Section):
    """Everything that is bounded, in one place."""

    body_bytes: int = told(
        16 * 1024 * 1024,
        ge=1_024,
        le=1_073_741_824,
        en="Largest request body as sent, bytes (413 above).",
        ko="받는 요청 본문의 최대 크기(바이트). 넘으면 413.",
    )
    inflated_bytes: int = told(
        64 * 1024 * 1024,
        ge=1_024,
        le=4_294_967_296,
        en="Largest request body once inflated, bytes (413 above).",
        ko="압축을 푼 요청 본문의 최대 크기(바이트). 넘으면 413.",
    )
    in_flight_bytes: int = told(
        128 * 1024 * 1024,
        ge=65_536,
        en="Bytes of bodies being worked on at once; more is answered 429.",
        ko="동시에 처리 중인 본문의 총 바이트. 넘으면 429.",
    )
    series: int = told(
        200_000,
        ge=100,
        le=10_000_000,
        en="Series kept at once; samples of further ones are refused.",
        ko="동시에 유지하는 시계열 수. 넘는 시계열의 샘플은 거절.",
    )
    labels: int = told(32, ge=0, le=256, en="Labels of one sample.", ko="샘플 하나의 라벨 수.")
    label_value_bytes: int = told(
        1_024,
        ge=16,
        le=65_536,
        en="Length of one label value, bytes of UTF-8.",
        ko="라벨 값 하나의 길이(UTF-8 바이트).",
    )
    samples_per_second: int = told(
        2_000_000,
        ge=1,
        en="Samples one sender may push a second; more is answered 429.",
        ko="보내는 쪽 하나가 초당 보낼 수 있는 샘플 수. 넘으면 429.",
    )
    bodies_per_second: int = told(
        2_000,
        ge=1,
        en="Bodies one sender may push a second; more is answered 429.",
        ko="보내는 쪽 하나가 초당 보낼 수 있는 요청 수. 넘으면 429.",
    )
    past: Duration = told(
        Duration.parse("24h"), en="How old a pushed sample may be.", ko="받아들이는 샘플 시각의 과거 한도."
    )
    future: Duration = told(
        Duration.parse("5m"), en="How far ahead of our clock a sample may be.", ko="받아들이는 샘플 시각의 미래 한도."
    )
    feeds: int = told(64, ge=1, le=1_000, en="Data feeds at once.", ko="동시에 다루는 데이터 피드 수.")
    feed_symbols: int = told(
        20_000,
        ge=1,
        le=1_000_000,
        en="Symbols of one feed; events of further ones are refused (about 10 KiB each).",
        ko="피드 하나의 종목 수. 넘는 종목의 이벤트는 거절(종목당 약 10 KiB).",
    )
    query_series: int = told(
        1_000, ge=1, le=100_000, en="Series one query may answer.", ko="질의 하나가 답하는 시계열 수."
    )
    query_points: int = told(
        1_000_000, ge=1_000, le=50_000_000, en="Points one query may answer.", ko="질의 하나가 답하는 점의 수."
    )
    live_clients: int = told(
        10_000,
        ge=1,
        le=200_000,
        en="WebSocket clients at once; further ones are turned away with 503.",
        ko="동시 WebSocket 클라이언트 수. 넘으면 503으로 돌려보냄.",
    )
    live_clients_per_address: int = told(
        10_000,
        ge=1,
        le=200_000,
        en="WebSocket clients from one address.",
        ko="주소 하나에서 오는 WebSocket 클라이언트 수.",
    )
    http_connections: int = told(
        2_000,
        ge=10,
        le=100_000,
        en="HTTP connections at once; beyond, whoever has waited longest without a request is closed.",
        ko="동시 HTTP 연결 수. 넘으면 요청 없이 가장 오래 기다린 연결을 끊음.",
    )
    http_connections_per_address: int = told(
        200,
        ge=1,
        le=100_000,
        en="HTTP connections from one address; further ones are answered 429.",
        ko="주소 하나의 동시 HTTP 연결 수. 넘으면 429.",
    )
    http_requests_per_second: float = told(
        100.0,
        gt=0,
        le=1_000_000,
        en="HTTP requests of one address a second, on average over five seconds (429 above); "
        "pushed data have limits of their own.",
        ko="주소 하나의 초당 HTTP 요청 수(5초 평균). 넘으면 429. 데이터 전송은 별도 한도를 따름.",
    )
    http_head_seconds: float = told(
        10.0,
        gt=0,
        le=300,
        en="Seconds for a request's headers, and for a TLS handshake.",
        ko="요청 헤더와 TLS 핸드셰이크를 마쳐야 하는 시간(초).",
    )
    tls_handshakes: int = told(
        128,
        ge=1,
        le=10_000,
        en="TLS handshakes under way at once on each port (55 KiB each); further ones wait, and whoever takes longer "
        "than a second goes for them.",
        ko="포트마다 동시에 진행하는 TLS 핸드셰이크 수(하나에 55 KiB). 넘으면 기다리며, 1초 넘게 걸리는 연결부터 끊음.",
    )
    tls_waiting: int = told(
        500,
        ge=1,
        le=100_000,
        en="Connections over TLS that wait for a request at once (50 KiB each); beyond, whoever has waited longest is "
        "closed.",
        ko="요청 없이 기다리는 TLS 연결 수(하나에 50 KiB). 넘으면 가장 오래 기다린 연결을 끊음.",
    )
    http_body_seconds: float = told(
        30.0, gt=0, le=3_600, en="Seconds for a request's body.", ko="요청 본문을 다 보내야 하는 시간(초)."
    )
    http_idle_seconds: int = told(
        30,
        ge=1,
        le=3_600,
        en="Seconds that a connection may wait for its next request.",
        ko="다음 요청을 기다리는 연결을 유지하는 시간(초).",
    )
    http_stall_seconds: float = told(
        60.0,
        gt=0,
        le=3_600,
        en="Seconds that a client may leave an answer unread.",
        ko="클라이언트가 응답을 읽지 않고 버틸 수 있는 시간(초).",
    )
    count_loopback: bool = told(
        False,
        en="Whether limits per address hold for this machine's own programs too (a proxy here counts for itself).",
        ko="주소별 한도를 이 장비의 프로그램에도 적용할지 여부(앞에 있는 프록시는 스스로 한도를 둠).",
    )
