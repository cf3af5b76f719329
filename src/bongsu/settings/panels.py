"""Own charts on the board's overview: any metric, as a line or as a tile."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from bongsu.settings.parts import Section, told
from bongsu.settings.sql import MetricName

Title: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=80)]
LabelName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,99}$")]
LabelValue: TypeAlias = Annotated[str, StringConstraints(max_length=200)]


class Panel(Section):
    """One chart that people wish for: what it shows, and how."""

    metric: MetricName = told(..., en="The metric it shows.", ko="표시할 메트릭.")
    chart: Literal["line", "tile"] = told(
        "line",
        en="A line over the chosen range, or a tile with the newest figure.",
        ko="line: 선택한 기간의 선 그래프, tile: 최신 값 타일.",
    )
    title: dict[Literal["ko", "en"], Title] = told(
        dict,
        en='Its title in one or both languages: {"ko": "처리 대기", "en": "Queue"}; the metric\'s own where empty.',
        ko='제목. 예: {"ko": "처리 대기", "en": "Queue"}. 비우면 메트릭 이름을 씁니다.',
    )
    labels: Annotated[dict[LabelName, LabelValue], Field(max_length=16)] = told(
        dict,
        en='Only series with these labels; * at the end stands for any rest: {"mount": "/data*"}.',
        ko='이 라벨을 가진 시계열만 표시. 끝의 *는 나머지 전체. 예: {"mount": "/data*"}.',
    )
    aggregation: Literal["each", "sum", "max"] = told(
        "each",
        en="Several series: a line each (six at most), their sum, or the one that is highest now.",
        ko="시계열이 여럿일 때 each: 각각 한 줄(최대 6), sum: 합계, max: 지금 가장 높은 것.",
    )
    threshold: float | None = told(
        None,
        en="A value drawn as a line; a tile warns from it on and is critical from twice it on.",
        ko="기준선. 타일은 이 값부터 경고, 두 배부터 위험.",
    )
    unit: Annotated[str, StringConstraints(max_length=20)] = told(
        "", en="Unit; the metric's own where empty.", ko="단위. 비우면 메트릭의 단위를 씁니다."
    )


Panels: TypeAlias = Annotated[list[Panel], Field(max_length=24)]
