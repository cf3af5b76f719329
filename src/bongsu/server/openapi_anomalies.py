"""The anomalies' part of REST's description."""

from __future__ import annotations

from bongsu.server.openapi_blocks import (
    EXAMPLE_TIME,
    Description,
    Json,
    an_array,
    an_object,
    json_answer,
    operation,
    parameter,
)

_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": ["number", "null"]}
_WHOLE: Json = {"type": "integer"}
_LABELS: Json = {"type": "object", "additionalProperties": _TEXT}
_TIME: Json = {"type": "string", "description": "UTC milliseconds, RFC 3339, now, or -1h"}

_EXAMPLE = {
    "metric": "cpu_usage",
    "labels": {},
    "at": EXAMPLE_TIME,
    "value": 97.0,
    "score": 8.4,
    "threshold": 3.0,
    "lower": 2.1,
    "upper": 31.5,
    "method": "zscore",
}


def _selection(*, needed: bool) -> list[Json]:
    return [
        parameter("metric", "The metric.", "지표 이름", _TEXT, example="cpu_usage", required=needed),
        parameter("start", "From.", "시작", _TIME, example="-1h"),
        parameter("end", "To, excluded (default now).", "끝(포함하지 않음, 기본: 지금)", _TIME, example="now"),
        {
            "name": "label.NAME",
            "in": "query",
            "description": "Only series with this label; may be given for several labels.",
            "x-ko": "라벨로 좁힙니다. 여러 개를 함께 쓸 수 있습니다.",
            "schema": _TEXT,
        },
    ]


def _anomaly() -> Json:
    return an_object(
        ["metric", "labels", "at", "value", "score", "threshold", "lower", "upper", "method"],
        metric=_TEXT,
        labels=_LABELS,
        at=_WHOLE,
        value=_NUMBER,
        score=_NUMBER,
        threshold=_NUMBER,
        lower=_NUMBER,
        upper=_NUMBER,
        method=_TEXT,
    )


def _bands() -> Json:
    point: Json = {"type": "array", "prefixItems": [_WHOLE, *([_NUMBER] * 4)], "minItems": 5, "maxItems": 5}
    series = an_object(
        ["metric", "labels", "method", "threshold", "points"],
        metric=_TEXT,
        labels=_LABELS,
        method=_TEXT,
        threshold=_NUMBER,
        points=an_array(point),
    )
    return an_object(
        ["enabled", "start", "end", "step", "series"],
        enabled={"type": "boolean"},
        start=_WHOLE,
        end=_WHOLE,
        step={"type": ["integer", "null"]},
        series=an_array(series),
    )


DESCRIPTION = Description(
    tags=({"name": "anomalies", "description": "What was out of the ordinary.", "x-ko": "이상치"},),
    paths={
        "/api/v1/anomalies": {
            "get": operation(
                "Readings out of the ordinary, newest first, each with the band it was expected in.",
                "평소와 달랐던 값을 최신순으로 조회합니다. 예상 범위와 점수가 함께 나옵니다.",
                "anomalies",
                json_answer(
                    "The anomalies.",
                    "Anomalies",
                    {"enabled": True, "start": EXAMPLE_TIME, "end": EXAMPLE_TIME + 1, "anomalies": [_EXAMPLE]},
                ),
                *(400, 503),
                parameters=[
                    *_selection(needed=False),
                    parameter("limit", "At most so many (1000).", "최대 개수(기본 1000)", _WHOLE, example=100),
                ],
            )
        },
        "/api/v1/anomalies/band": {
            "get": operation(
                "The band in which a metric's series were expected, each moment judged by what came before it. "
                "A point is time, value, lower, upper, score.",
                "예상 범위를 시점마다 그 이전 값만으로 다시 계산합니다. 점은 시각, 값, 하한, 상한, 점수 순서입니다.",
                "anomalies",
                json_answer("The bands.", "Bands"),
                *(400, 503),
                parameters=[
                    *_selection(needed=True),
                    parameter(
                        "step", "Judge by such steps (their averages).", "이 간격의 평균으로 판정", _TEXT, example="60s"
                    ),
                    parameter("limit", "So many series (20).", "시계열 수(기본 20)", _WHOLE, example=1),
                ],
            )
        },
    },
    schemas={
        "Anomaly": _anomaly(),
        "Anomalies": an_object(
            ["enabled", "start", "end", "anomalies"],
            enabled={"type": "boolean"},
            start=_WHOLE,
            end=_WHOLE,
            anomalies=an_array({"$ref": "#/components/schemas/Anomaly"}),
        ),
        "Bands": _bands(),
    },
)
