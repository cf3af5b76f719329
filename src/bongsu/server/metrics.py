"""What the doors tell about themselves: the certificate, connections, and what was refused."""

from __future__ import annotations

from functools import partial

from bongsu.model.metric import Metric

_gauge = partial(Metric, kind="gauge", topic="system")
_counter = partial(Metric, kind="counter", topic="system")

METRICS: tuple[Metric, ...] = (
    _gauge(
        name="bongsu_tls_certificate_days",
        title_ko="인증서 남은 날",
        title_en="Days of the certificate",
        ko="서버 인증서가 만료될 때까지 남은 날입니다. 만료되면 음수입니다.",
        en="Days until the server's certificate ends; below zero once it has.",
    ),
    _gauge(
        name="bongsu_tls_renewal_failing",
        title_ko="인증서 갱신 실패",
        title_en="Certificate renewal failing",
        ko="갱신된 인증서 파일을 쓸 수 없어 이전 인증서를 계속 쓰고 있으면 1입니다.",
        en="1 while renewed certificate files can't be used and the old certificate is shown further.",
    ),
    _gauge(
        name="bongsu_http_connections",
        title_ko="HTTP 연결",
        title_en="HTTP connections",
        ko="지금 열려 있는 HTTP 연결 수입니다.",
        en="HTTP connections that are open now.",
    ),
    _counter(
        name="bongsu_http_refused_total",
        labels=("reason",),
        title_ko="거절한 HTTP 요청",
        title_en="HTTP refused",
        ko="한도 때문에 거절하거나 끊은 HTTP 연결과 요청의 수를 이유별로 센 값입니다.",
        en="HTTP connections and requests refused or ended for a limit, by reason.",
    ),
)
