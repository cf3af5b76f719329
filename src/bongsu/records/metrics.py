"""The figures that the records tell about themselves, as entries of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bongsu.model.metric import Kind, Metric
from bongsu.model.sample import Sample


def _metric(name: str, kind: Kind, unit: str, titles: tuple[str, str], sentences: tuple[str, str]) -> Metric:
    return Metric(
        name=f"bongsu_records_{name}",
        kind=kind,
        unit=unit,
        topic="system",
        title_ko=titles[0],
        title_en=titles[1],
        ko=sentences[0],
        en=sentences[1],
    )


METRICS: tuple[Metric, ...] = (
    _metric(
        "queued",
        "gauge",
        "",
        ("기록 대기", "Changes waiting to be recorded"),
        ("알림 기록에 쓰이기를 기다리는 변경 수입니다.", "Changes of alerts and notices that wait to be written."),
    ),
    _metric(
        "transactions_total",
        "counter",
        "",
        ("기록 트랜잭션", "Record transactions"),
        ("시작한 뒤 알림 기록에 쓴 트랜잭션 수입니다.", "Transactions on the alert records since the start."),
    ),
    _metric(
        "seconds_total",
        "counter",
        "s",
        ("기록 시간", "Time spent recording"),
        ("알림 기록을 쓰는 데 걸린 시간의 합입니다.", "Time that writing alert records took, in all."),
    ),
    _metric(
        "errors_total",
        "counter",
        "",
        ("기록 오류", "Recording errors"),
        (
            "알림 기록을 읽거나 쓰지 못한 횟수입니다. 디스크 공간과 로그를 확인하세요.",
            "Times that alert records couldn't be read or written; see free space and the log.",
        ),
    ),
    _metric(
        "refused_total",
        "counter",
        "",
        ("거절한 기록", "Changes refused"),
        (
            "대기열이 가득 차 받지 않은 변경 수입니다. 호출한 쪽에는 오류로 알립니다.",
            "Changes not taken because too many were waiting; whoever asked was told.",
        ),
    ),
    _metric(
        "removed_total",
        "counter",
        "",
        ("정리한 기록", "Old records removed"),
        (
            "보관 기간이 지나 지운 알림과 발송 내역 수입니다.",
            "Alerts and receipts removed because they were older than they are kept.",
        ),
    ),
    _metric(
        "damaged_total",
        "counter",
        "",
        ("손상된 알림 기록", "Damaged record files"),
        (
            "손상되어 옆으로 옮긴 알림 기록 파일 수입니다. 옮긴 파일은 데이터 폴더에 남아 있습니다.",
            "Files of alert records found damaged and set aside; they remain in the data folder.",
        ),
    ),
    _metric(
        "disk_bytes",
        "gauge",
        "B",
        ("알림 기록 크기", "Alert records on disk"),
        (
            "알림 기록 파일과 로그가 이 서버의 디스크에서 차지하는 크기입니다.",
            "What the alert records' file and its log take on this machine's disk.",
        ),
    ),
)


def samples(figures: Mapping[str, float]) -> Iterator[Sample]:
    """Figures by full name as samples."""
    return (Sample(metric=name, value=float(value)) for name, value in figures.items())
