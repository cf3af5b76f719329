"""What the bus tells about itself, for the catalogue."""

from __future__ import annotations

from bongsu.model.metric import Metric

BEHIND = "bongsu_view_behind_seconds"

METRICS: tuple[Metric, ...] = (
    Metric(
        name="bongsu_bus_connected",
        topic="system",
        title_ko="버스 연결",
        title_en="Bus connected",
        ko="여러 서버가 값을 나누는 Redis에 연결되어 있으면 1, 아니면 0입니다.",
        en="1 while Redis, over which several servers share what is measured, can be reached; else 0.",
    ),
    Metric(
        name="bongsu_bus_owner",
        topic="system",
        title_ko="버스 소유",
        title_en="Bus owned",
        ko="이 서버가 값을 내보내는 소유자이면 1, 다른 서버가 소유하고 있으면 0입니다.",
        en="1 while this server is the one that tells the others, 0 while another one is.",
    ),
    Metric(
        name="bongsu_bus_messages_total",
        kind="counter",
        topic="system",
        title_ko="버스 메시지",
        title_en="Bus messages",
        ko="버스로 보냈거나(소유 서버) 버스에서 받은(보기 전용 서버) 메시지의 누적 개수입니다.",
        en="Messages told to the bus (by the owner) or heard from it (by a viewer).",
    ),
    Metric(
        name="bongsu_bus_bytes_total",
        kind="counter",
        unit="B",
        topic="system",
        title_ko="버스 전송량",
        title_en="Bus bytes",
        ko="버스로 보냈거나 버스에서 받은 바이트의 누적 합계입니다.",
        en="Bytes told to the bus or heard from it.",
    ),
    Metric(
        name="bongsu_bus_dropped_total",
        kind="counter",
        topic="system",
        title_ko="버스가 버린 사건",
        title_en="Bus events dropped",
        ko="Redis가 끊긴 동안 너무 많이 밀려 버린 알림·점검·표시의 누적 개수입니다. 값은 최신 것만 보냅니다.",
        en="Alerts, checks and marks dropped because too many waited for Redis; values never wait, the newest is told.",
    ),
    Metric(
        name="bongsu_bus_errors_total",
        kind="counter",
        topic="system",
        title_ko="버스 오류",
        title_en="Bus errors",
        ko="Redis가 응답하지 않은 횟수입니다.",
        en="How often Redis did not answer.",
    ),
    Metric(
        name="bongsu_bus_missed_total",
        kind="counter",
        topic="system",
        title_ko="놓친 메시지",
        title_en="Bus messages missed",
        ko="보기 전용 서버가 받지 못한 메시지의 누적 개수입니다. 빠진 만큼 최신 값을 다시 읽어 채웁니다.",
        en="Messages that a viewer did not hear; it reads the latest values anew and tells its screens of the gap.",
    ),
    Metric(
        name="bongsu_bus_delay_ms",
        unit="ms",
        topic="system",
        title_ko="버스 지연",
        title_en="Bus delay",
        ko="소유 서버가 보낸 뒤 이 서버가 받기까지 걸린 시간입니다. 두 서버의 시계 차이를 포함합니다.",
        en="From the owner's telling to this viewer's hearing; the difference of both clocks is in it.",
    ),
    Metric(
        name=BEHIND,
        unit="s",
        topic="system",
        title_ko="소유 서버 소식 없음",
        title_en="Behind the owner",
        ko="보기 전용 서버가 소유 서버의 소식을 듣지 못한 시간입니다. 정상이면 0, cause는 끊긴 쪽입니다.",
        en="For how long a viewer has heard nothing of the owner, 0 when all is well; cause says what is away.",
        labels=("cause",),
    ),
)
