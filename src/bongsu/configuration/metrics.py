"""What the desk of the settings tells about itself, as entries of the catalogue."""

from __future__ import annotations

from bongsu.model.metric import Kind, Metric


def _metric(name: str, kind: Kind, titles: tuple[str, str], sentences: tuple[str, str]) -> Metric:
    return Metric(
        name=f"bongsu_settings_{name}",
        kind=kind,
        topic="system",
        title_ko=titles[0],
        title_en=titles[1],
        ko=sentences[0],
        en=sentences[1],
    )


METRICS: tuple[Metric, ...] = (
    _metric(
        "faults",
        "gauge",
        ("설정 오류", "Faults of settings"),
        (
            "설정 파일과 화면에서 바꾼 설정 중 쓸 수 없는 값의 수입니다. 0이 아니면 이전 설정으로 동작합니다.",
            "Values of the settings file and of screens that can't be used; what ran before goes on meanwhile.",
        ),
    ),
    _metric(
        "version",
        "gauge",
        ("설정 버전", "Version of settings"),
        (
            "화면이나 REST로 바꾼 설정의 버전 번호입니다.",
            "Number of the newest version of what screens and REST set.",
        ),
    ),
    _metric(
        "waiting",
        "gauge",
        ("재시작 대기 설정", "Settings that wait for a start"),
        ("다음 시작부터 적용될 설정의 수입니다.", "Settings that hold from the next start on."),
    ),
    _metric(
        "applied_total",
        "counter",
        ("적용한 설정 변경", "Changes put in force"),
        (
            "실행 중에 적용한 설정 변경의 횟수입니다. 화면, REST, 파일 변경을 모두 셉니다.",
            "Changes of settings put in force while all ran, from screens, REST and the file.",
        ),
    ),
)
