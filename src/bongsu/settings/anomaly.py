"""The section on what is out of the ordinary."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.duration import Duration
from bongsu.settings.parts import Section, told

Scoring: TypeAlias = Literal["zscore", "robust_zscore", "novelty", "seasonal_novelty"]
Method: TypeAlias = Literal[
    "zscore", "robust_zscore", "novelty", "seasonal_novelty", "stuck", "silence", "volume", "off"
]
Prefix: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]


class OwnDetection(Section):
    """What differs for some metrics; what isn't given stays as it would be without."""

    metric: Prefix = told(..., en="A metric, or a prefix ending in *.", ko="지표 이름 또는 *로 끝나는 접두어.")
    method: Method | None = told(None, en="Its detector, or off.", ko="탐지 방법. off면 탐지 안 함.")
    threshold: float | None = told(None, gt=0, en="Its threshold, in the method's unit.", ko="임계 점수.")
    window_size: int | None = told(None, ge=10, le=10_000, en="Its window.", ko="최근 값의 수.")
    log: bool | None = told(None, en="Judge log(1 + x): counts, delays.", ko="log(1 + x)로 판정. 건수, 지연에 적합.")
    every: Duration | None = told(None, en="Judge one reading in each such time.", ko="이 간격마다 값 하나만 판정.")
    smooth: bool | None = told(None, en="Judge the median of the last three.", ko="최근 세 값의 중앙값으로 판정.")
    quiet: Duration | None = told(None, en="Its quiet time.", ko="알린 뒤 조용한 시간.")


class AnomalyDetection(Section):
    """How readings out of the ordinary are found."""

    enabled: bool = told(
        True,
        en="Score series and draw what is out of the ordinary; only rules notify.",
        ko="시계열에 점수를 매기고 이상치를 화면에 표시. 알림은 규칙만 보냄.",
    )
    method: Scoring = told(
        "zscore",
        en="Detector: zscore, robust_zscore (median and MAD), novelty (distance from all that is remembered), "
        "seasonal_novelty (the same, less the hour's level).",
        ko="탐지 방법: zscore, robust_zscore(중앙값과 MAD), novelty(기억한 값들과의 거리), "
        "seasonal_novelty(시간대 평균을 뺀 novelty).",
    )
    threshold: float = told(
        3.0,
        gt=0,
        en="Standard deviations above which a reading is anomalous (the z-scores); novelties take 1.8 % of the range.",
        ko="이상치로 보는 표준편차 배수(zscore 계열). novelty 계열은 범위의 1.8 %.",
    )
    window_size: int = told(
        100, ge=10, le=10_000, en="Readings a score looks back on.", ko="점수 계산에 쓰는 최근 값의 수."
    )
    include: list[Prefix] = told(
        list, en="Prefixes of metrics that are watched; empty: all.", ko="탐지할 지표 접두어. 비우면 전부."
    )
    exclude: list[Prefix] = told(
        list,
        en="Prefixes of metrics that are not (bongsu_ and counters never are).",
        ko="탐지하지 않을 지표 접두어(bongsu_와 누적 카운터는 항상 제외).",
    )
    series: int = told(
        20_000,
        ge=0,
        le=1_000_000,
        en="Series watched at most, about 1.2 kB each with a window of 100.",
        ko="탐지할 시계열 수의 한도. 창이 100이면 하나에 약 1.2 kB.",
    )
    quiet: Duration = told(
        Duration.parse("1h"),
        en="After an anomaly of a series, only one twice as bad is told for this long.",
        ko="한 시계열의 이상치를 알린 뒤 이 시간 동안은 점수가 두 배일 때만 다시 알림.",
    )
    metrics: list[OwnDetection] = told(
        list,
        en='What differs for some metrics: [{"metric": "orders_*", "method": "volume"}]. Feeds have defaults of their '
        "own, told above.",
        ko='일부 지표만 다르게. 예: [{"metric": "orders_*", "method": "volume"}]. 피드 지표의 기본값은 위에 설명.',
    )

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [one.metric for one in self.metrics]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise PydanticCustomError("metric_twice", "{metric} stands twice in metrics", {"metric": twice})
        return self
