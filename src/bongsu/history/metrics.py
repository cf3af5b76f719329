"""The figures that the history tells about itself, as entries of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bongsu.model.metric import Kind, Metric
from bongsu.model.sample import Sample


def _metric(name: str, kind: Kind, unit: str, titles: tuple[str, str], sentences: tuple[str, str]) -> Metric:
    return Metric(
        name=f"bongsu_history_{name}",
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
        "queued_samples",
        "gauge",
        "",
        ("저장 대기", "Waiting to be written"),
        ("저장을 기다리는 샘플 수입니다.", "Samples that wait to be written."),
    ),
    _metric(
        "tail_samples",
        "gauge",
        "",
        ("압축 전 샘플", "Not yet compressed"),
        (
            "아직 블록으로 압축되지 않은 샘플이 메모리에서 차지하는 자리입니다.",
            "Room in memory, in samples, taken by those that are in no block yet.",
        ),
    ),
    _metric(
        "minutes_bytes",
        "gauge",
        "B",
        ("메모리에 둔 분 단위 기록", "Minutes in memory"),
        (
            "최근 하루의 분 단위 블록을 빠른 조회를 위해 메모리에 둔 크기입니다. 32 MiB를 넘지 않습니다.",
            "Blocks of minutes of the last day held in memory for quick answers; never more than 32 MiB.",
        ),
    ),
    _metric(
        "recent_bytes",
        "gauge",
        "B",
        ("메모리에 둔 최근 샘플", "Newest samples in memory"),
        (
            "최근에 압축한 샘플 블록을 빠른 조회를 위해 메모리에 둔 크기입니다. 16 MiB를 넘지 않습니다.",
            "The newest blocks of samples held in memory for quick answers; never more than 16 MiB.",
        ),
    ),
    _metric(
        "written_total",
        "counter",
        "",
        ("저장한 샘플", "Samples written"),
        ("시작한 뒤 저장한 샘플 수입니다.", "Samples written since the start."),
    ),
    _metric(
        "commits_total",
        "counter",
        "",
        ("커밋", "Commits"),
        ("시작한 뒤 파일에 커밋한 횟수입니다.", "Commits to the file since the start."),
    ),
    _metric(
        "refused_total",
        "counter",
        "",
        ("거절한 샘플", "Samples refused"),
        (
            "대기열이 가득 차 받지 않은 샘플 수입니다. 보낸 쪽에는 429로 알립니다.",
            "Samples not taken because too many were waiting; their senders heard 429.",
        ),
    ),
    _metric(
        "errors_total",
        "counter",
        "",
        ("저장 오류", "Storage errors"),
        (
            "쓰기나 압축에 실패한 횟수입니다. 디스크 공간과 로그를 확인하세요.",
            "Times that writing or compressing failed; see free space and the log.",
        ),
    ),
    _metric(
        "sealed_total",
        "counter",
        "",
        ("압축한 블록", "Blocks sealed"),
        ("시작한 뒤 압축한 블록 수입니다.", "Blocks compressed since the start."),
    ),
    _metric(
        "sealing_seconds_total",
        "counter",
        "s",
        ("압축 시간", "Time spent sealing"),
        ("블록 압축에 쓴 시간의 합입니다.", "Time spent compressing blocks, in all."),
    ),
    _metric(
        "damaged_total",
        "counter",
        "",
        ("손상된 파일", "Damaged files"),
        (
            "손상되어 옆으로 옮긴 기록 파일 수입니다. 옮긴 파일은 데이터 폴더에 남아 있습니다.",
            "History files found damaged and set aside; they remain in the data folder.",
        ),
    ),
    _metric(
        "damaged_blocks_total",
        "counter",
        "",
        ("손상된 블록", "Damaged blocks"),
        (
            "읽을 수 없어 조회에서 제외된 블록 수입니다. 디스크 상태를 확인하세요.",
            "Blocks that can't be read and are left out of answers; see to the disk.",
        ),
    ),
    _metric(
        "disk_bytes",
        "gauge",
        "B",
        ("기록 파일 크기", "History on disk"),
        ("기록 파일과 로그가 디스크에서 차지하는 크기입니다.", "What the history's file and its log take on disk."),
    ),
    _metric(
        "sync_age_seconds",
        "gauge",
        "s",
        ("마지막 디스크 동기화", "Since the last sync"),
        (
            "기록이 마지막으로 디스크에 확정된 뒤 지난 시간입니다.",
            "Time since the history last reached the disk itself.",
        ),
    ),
)


def samples(figures: Mapping[str, float]) -> Iterator[Sample]:
    """Figures by full name as samples."""
    return (Sample(metric=name, value=float(value)) for name, value in figures.items())
