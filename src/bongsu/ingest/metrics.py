"""What the gate and the intake tell about themselves."""

from __future__ import annotations

from bongsu.model.metric import Metric

METRICS: tuple[Metric, ...] = (
    Metric(
        name="bongsu_gate_admitted_total",
        kind="counter",
        topic="system",
        title_ko="받아들인 샘플",
        title_en="Samples admitted",
        ko="검사를 통과한 샘플 수입니다.",
        en="Samples that passed the gate.",
    ),
    Metric(
        name="bongsu_gate_refused_total",
        kind="counter",
        topic="system",
        title_ko="거절한 샘플",
        title_en="Samples refused",
        ko="검사에서 거절한 샘플 수를 사유별로 셉니다.",
        en="Samples that the gate refused, by reason.",
        labels=("reason",),
    ),
    Metric(
        name="bongsu_gate_series",
        topic="system",
        title_ko="시계열",
        title_en="Series",
        ko="지금 알고 있는 시계열 수입니다.",
        en="Series known just now.",
    ),
    Metric(
        name="bongsu_intake_bodies_total",
        kind="counter",
        topic="system",
        title_ko="받은 본문",
        title_en="Bodies received",
        ko="수신 API가 받은 본문 수를 결과별로 셉니다.",
        en="Bodies that the intake received, by outcome.",
        labels=("outcome",),
    ),
    Metric(
        name="bongsu_intake_received_bytes_total",
        kind="counter",
        unit="B",
        topic="system",
        title_ko="받은 바이트",
        title_en="Bytes received",
        ko="수신 API가 받은 본문의 바이트 수이며 압축된 본문은 압축된 크기로 셉니다.",
        en="Bytes of bodies that the intake received, compressed ones as sent.",
    ),
    Metric(
        name="bongsu_intake_in_flight_bytes",
        unit="B",
        topic="system",
        title_ko="처리 중인 바이트",
        title_en="Bytes in flight",
        ko="받았지만 아직 저장을 확인하지 않은 본문의 바이트 수입니다.",
        en="Bytes of bodies received but not acknowledged yet.",
    ),
    Metric(
        name="bongsu_intake_senders",
        topic="system",
        title_ko="보내는 곳",
        title_en="Senders",
        ko="속도를 재고 있는 송신자 수입니다.",
        en="Senders whose rate is being watched.",
    ),
)
"""Catalogue entries of this room."""
