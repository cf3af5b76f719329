"""The figures that notification tells about itself, as entries of the catalogue."""

from __future__ import annotations

from bongsu.model.metric import Kind, Metric


def _metric(
    name: str,
    kind: Kind,
    titles: tuple[str, str],
    sentences: tuple[str, str],
    *,
    unit: str = "",
    labels: tuple[str, ...] = ("channel",),
) -> Metric:
    return Metric(
        name=f"bongsu_notify_{name}",
        kind=kind,
        unit=unit,
        topic="system",
        title_ko=titles[0],
        title_en=titles[1],
        ko=sentences[0],
        en=sentences[1],
        labels=labels,
    )


METRICS: tuple[Metric, ...] = (
    _metric(
        "sent_total",
        "counter",
        ("보낸 알림", "Notices sent"),
        ("채널로 보내는 데 성공한 알림 메시지 수입니다.", "Messages that the channel delivered."),
    ),
    _metric(
        "failed_total",
        "counter",
        ("발송 실패", "Notices not delivered"),
        (
            "발송에 실패한 횟수를 원인별로 센 값입니다. auth는 설정, rate_limited는 한도, temporary는 일시 장애, "
            "permanent는 메시지 거절입니다.",
            "Tries that failed, by class: auth (set up wrongly), rate_limited, temporary, permanent (message refused).",
        ),
        labels=("channel", "class"),
    ),
    _metric(
        "waiting",
        "gauge",
        ("발송 대기", "Notices waiting"),
        ("아직 보내지 못하고 기다리는 알림 수입니다.", "Notices that wait to be delivered."),
    ),
    _metric(
        "dead",
        "gauge",
        ("발송 포기", "Notices given up"),
        (
            "보내기를 포기한 알림 수입니다. 원인을 고친 뒤 다시 보낼 수 있습니다.",
            "Notices that were given up; they can be sent again once the cause is mended.",
        ),
    ),
    _metric(
        "dropped_total",
        "counter",
        ("합쳐진 알림", "Notices folded"),
        (
            "채널 장애가 길어져 요약이나 더 새로운 알림으로 대신한 알림 수입니다.",
            "Notices that a summary or a newer notice made needless after an outage.",
        ),
    ),
    _metric(
        "failed_over_total",
        "counter",
        ("대체 채널 발송", "Notices sent elsewhere"),
        (
            "이 채널로 보내지 못해 다른 채널이 대신 보낸 알림 수입니다.",
            "Notices for this channel that another delivered in its stead.",
        ),
    ),
    _metric(
        "delay_seconds",
        "gauge",
        ("발송 지연", "Delay of delivery"),
        (
            "가장 최근에 보낸 알림이 생긴 뒤 도착하기까지 걸린 시간입니다.",
            "Time from the notice to its delivery, of the one delivered last.",
        ),
        unit="s",
    ),
    _metric(
        "up",
        "gauge",
        ("채널 상태", "Channel delivers"),
        (
            "1이면 채널이 정상이고 0이면 최근 발송이 실패해 다시 시도하는 중입니다.",
            "1 where the channel delivers, 0 where its last try failed and it is tried again.",
        ),
    ),
    _metric(
        "template_faults_total",
        "counter",
        ("템플릿 오류", "Template faults"),
        (
            "직접 정한 문구가 오류를 내 기본 문구로 대신한 횟수입니다.",
            "Times that a text of one's own failed and the built-in one was sent.",
        ),
        labels=(),
    ),
)
