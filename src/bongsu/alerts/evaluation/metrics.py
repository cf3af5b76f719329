"""The figures that the evaluation of rules tells about itself, as entries of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bongsu.model.metric import Kind, Metric
from bongsu.model.sample import Sample


def _metric(name: str, kind: Kind, unit: str, titles: tuple[str, str], sentences: tuple[str, str]) -> Metric:
    return Metric(
        name=f"bongsu_rules_{name}",
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
        "enabled",
        "gauge",
        "",
        ("켜진 규칙", "Rules in force"),
        ("평가 중인 알림 규칙 수입니다.", "Alert rules that are evaluated."),
    ),
    _metric(
        "rows",
        "gauge",
        "",
        ("규칙이 보는 시계열", "Series under rules"),
        (
            "규칙마다 보는 시계열(또는 묶음) 수의 합입니다.",
            "Series, or groups of them, that rules look at; one that two rules look at counts twice.",
        ),
    ),
    _metric(
        "rows_refused_total",
        "counter",
        "",
        ("보지 못한 시계열", "Series not looked at"),
        (
            "한도를 넘어 규칙이 보지 못한 시계열 수입니다. 0이 아니면 규칙의 라벨을 좁히세요.",
            "Series that rules couldn't look at because there are too many; narrow the rules' labels where it isn't 0.",
        ),
    ),
    _metric(
        "breaches",
        "gauge",
        "",
        ("조건에 걸린 시계열", "Series in breach"),
        ("지금 규칙의 조건에 걸린 시계열 수입니다.", "Series that are in breach of a rule now."),
    ),
    _metric(
        "state_bytes",
        "gauge",
        "B",
        ("규칙 상태 메모리", "Memory of windows"),
        ("규칙의 구간 집계에 쓰는 메모리입니다.", "Memory that the windows of rules take."),
    ),
    _metric(
        "rounds_total",
        "counter",
        "",
        ("규칙 평가 횟수", "Rounds of evaluation"),
        ("시작한 뒤 규칙 전체를 평가한 횟수입니다.", "Times that all rules were evaluated since the start."),
    ),
    _metric(
        "rounds_skipped_total",
        "counter",
        "",
        ("건너뛴 평가", "Rounds skipped"),
        (
            "앞선 평가가 길어져 건너뛴 평가 수입니다. 늘어나면 규칙이나 시계열이 너무 많습니다.",
            "Rounds that were due while one still ran; where it grows there are too many rules or series.",
        ),
    ),
    _metric(
        "seconds_total",
        "counter",
        "s",
        ("규칙 평가 시간", "Time spent evaluating"),
        ("규칙 평가에 걸린 시간의 합입니다.", "Time that evaluating took, in all."),
    ),
    _metric(
        "longest_seconds",
        "gauge",
        "s",
        ("가장 긴 평가", "Longest round"),
        (
            "직전 보고 이후 가장 오래 걸린 평가의 시간입니다.",
            "The longest round since these figures were read before.",
        ),
    ),
    _metric(
        "samples_dropped_total",
        "counter",
        "",
        ("놓친 샘플", "Samples missed"),
        (
            "평가가 밀려 규칙이 보지 못한 샘플 수입니다.",
            "Samples that no rule saw because evaluation lagged behind.",
        ),
    ),
    _metric(
        "signals_total",
        "counter",
        "",
        ("조건 신호", "Signals"),
        (
            "규칙이 알림 쪽에 알린 조건의 변화와 갱신 수입니다.",
            "Changes and confirmations that rules told to the alerts.",
        ),
    ),
    _metric(
        "signals_failed_total",
        "counter",
        "",
        ("전달하지 못한 신호", "Signals not taken"),
        (
            "알림 쪽이 받지 못해 다시 전달하는 신호 수입니다.",
            "Signals that the alerts couldn't take; they are told again.",
        ),
    ),
    _metric(
        "errors_total",
        "counter",
        "",
        ("평가 오류", "Errors in evaluation"),
        ("규칙 평가가 실패한 횟수입니다. 로그를 확인하세요.", "Times that evaluation failed; see the log."),
    ),
)


def samples(figures: Mapping[str, float]) -> Iterator[Sample]:
    """The figures as samples, by their full names."""
    for name, value in figures.items():
        yield Sample(metric=name, value=value)
