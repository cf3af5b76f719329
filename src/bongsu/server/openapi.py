"""The description of REST as OpenAPI 3.1: `/openapi.json` and the page at `/docs` show it, tests hold it true.

`summary` and `description` are English; `x-ko` carries the Korean sentence beside them.
"""

from __future__ import annotations

from bongsu.http.errors import TooSlow
from bongsu.http.problem import MEDIA_TYPE, TYPES
from bongsu.model.query import AGGREGATIONS, TIERS
from bongsu.server import (
    openapi_access,
    openapi_anomalies,
    openapi_channels,
    openapi_quality,
    openapi_rules,
    openapi_services,
    openapi_settings,
    openapi_shop,
)
from bongsu.server.openapi_alerts import ALERTS
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
from bongsu.server.openapi_checks import CHECKS
from bongsu.server.openapi_marks import MARKS
from bongsu.version import __version__

PARTS: tuple[Description, ...] = (
    ALERTS,
    openapi_access.DESCRIPTION,
    openapi_anomalies.DESCRIPTION,
    openapi_channels.DESCRIPTION,
    openapi_services.DESCRIPTION,
    openapi_quality.DESCRIPTION,
    openapi_rules.DESCRIPTION,
    openapi_settings.DESCRIPTION,
    openapi_shop.DESCRIPTION,
    CHECKS,
    MARKS,
)
"""What the parts of their own add, each in an `openapi_<part>.py`."""


def document() -> Json:
    """The whole description."""
    schemas = {**_schemas(), **{name: schema for part in PARTS for name, schema in part.schemas.items()}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bongsu REST",
            "version": __version__,
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Times are UTC milliseconds, durations are written 500ms, 60s, 24h, 7d.",
            "x-ko": "시각은 UTC 밀리초, 기간은 500ms, 60s, 24h, 7d처럼 적습니다.",
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "measurements", "description": "Samples in, samples out.", "x-ko": "샘플 수신과 조회"},
            *(tag for part in PARTS for tag in part.tags),
            {"name": "service", "description": "The server itself.", "x-ko": "서버 상태와 문서"},
        ],
        "paths": {
            "/api/v1/samples": {"post": _post_samples()},
            "/api/v1/metrics": {"get": _get_metrics()},
            "/api/v1/metrics/{name}/history": {"get": _get_history()},
            "/api/v1/query": {"get": _get_query()},
            "/api/v1/processes": {"get": _get_processes()},
            **{path: methods for part in PARTS for path, methods in part.paths.items()},
            "/metrics": {"get": _get_exposition()},
            "/healthz": {"get": _service("Is the process alive?", "프로세스가 살아 있는지 확인합니다.", "Status")},
            "/readyz": {"get": _ready()},
            "/openapi.json": {"get": _service("This description.", "이 문서의 원본(OpenAPI 3.1)입니다.", "OpenApi")},
            "/docs": {"get": _page("This description as a page.", "이 문서를 페이지로 봅니다.", "text/html")},
            "/docs/page.css": {"get": _page("Style of the page.", "문서 페이지의 스타일입니다.", "text/css")},
            "/docs/page.js": {"get": _page("Script of the page.", "문서 페이지의 스크립트입니다.", "text/javascript")},
        },
        "components": {"schemas": schemas, "responses": {"Problem": _problem_response()}},
    }


def _post_samples() -> Json:
    row = {"metric": "orders_open", "labels": {"market": "naver"}, "value": 12, "at": EXAMPLE_TIME}
    columnar = {"series": [{"metric": "orders_open"}], "index": [0, 0], "at": [EXAMPLE_TIME] * 2, "value": [12, 13]}
    return operation(
        "Send samples: rows, NDJSON, or columns; gzip and zstd are understood.",
        "샘플을 보냅니다. 행 배열, NDJSON, 열 형식을 받으며 gzip과 zstd 압축도 됩니다.",
        "measurements",
        json_answer("Kept; faulty items are listed.", "Receipt", {"accepted": 1, "refused": []}),
        *(400, TooSlow.status, 413, 415, 422, 429, 503, 507),
        requestBody={
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [
                            {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
                            {"$ref": "#/components/schemas/Columns"},
                        ]
                    },
                    "examples": {
                        "rows": {"summary": "Rows", "x-ko": "행", "value": [row]},
                        "columns": {
                            "summary": "Columns, cheaper for many samples",
                            "x-ko": "열(샘플이 많을 때 유리)",
                            "value": columnar,
                        },
                    },
                },
                "application/x-ndjson": {
                    "schema": {"$ref": "#/components/schemas/Row"},
                    "examples": {"lines": {"summary": "A row a line", "x-ko": "한 줄에 한 행", "value": row}},
                },
            },
        },
    )


def _get_metrics() -> Json:
    one = {"metric": "cpu_usage", "labels": {}, "value": 12.5, "unit": "%", "at": EXAMPLE_TIME}
    return operation(
        "The newest value of every series.",
        "모든 시계열의 최신 값을 조회합니다.",
        "measurements",
        json_answer("The newest values.", "Latest", {"at": EXAMPLE_TIME, "metrics": [one]}),
        400,
        parameters=[
            parameter("metric", "Only this metric.", "이 지표만", {"type": "string"}, example="cpu_usage"),
            parameter("topic", "Only metrics of this topic.", "이 주제의 지표만", {"type": "string"}, example="system"),
            _labels(),
        ],
    )


def _get_processes() -> Json:
    one = {"pid": 812, "name": "postgres", "state": "sleeping", "cpu": 3.5, "memory_bytes": 41_943_040, "threads": 1}
    return operation(
        "The busiest and largest processes of the machine, read every few seconds.",
        "CPU와 메모리를 가장 많이 쓰는 프로세스를 조회합니다. 몇 초마다 갱신됩니다.",
        "measurements",
        json_answer("The newest list.", "Processes", {"at": EXAMPLE_TIME, "total": 131, "rows": [one]}),
        400,
        503,
    )


def _get_history() -> Json:
    return operation(
        "The last hours of one metric, with a step that suits a chart.",
        "지표 하나의 최근 몇 시간을 차트에 알맞은 간격으로 조회합니다.",
        "measurements",
        json_answer("The series, each with its points.", "Series"),
        *(400, 404, 503),
        parameters=[
            {
                "name": "name",
                "in": "path",
                "required": True,
                "description": "The metric.",
                "x-ko": "지표 이름",
                "schema": {"type": "string"},
                "example": "cpu_usage",
            },
            parameter("hours", "How far back (default 24).", "몇 시간 전부터(기본 24)", {"type": "number"}, example=24),
            *_shape(),
            _labels(),
        ],
    )


def _get_query() -> Json:
    return operation(
        "Samples of one metric over time, by steps or as they were measured.",
        "지표 하나를 기간으로 조회합니다. 간격을 주면 집계하고, 없으면 측정한 그대로 돌려줍니다.",
        "measurements",
        json_answer("The series, each with its points.", "Series"),
        *(400, 503),
        parameters=[
            parameter("metric", "The metric.", "지표 이름", {"type": "string"}, example="cpu_usage", required=True),
            parameter("start", "From (default an hour before end).", "시작(기본: 끝의 1시간 전)", _TIME, example="-1h"),
            parameter("end", "To, excluded (default now).", "끝(포함하지 않음, 기본: 지금)", _TIME, example="now"),
            *_shape(),
            _labels(),
        ],
    )


_TIME: Json = {"type": "string", "description": "UTC milliseconds, RFC 3339, now, or -1h"}


def _shape() -> list[Json]:
    return [
        parameter("step", "One point for each step.", "한 점이 나타내는 기간", {"type": "string"}, example="60s"),
        parameter("agg", "What the point tells of its step.", "집계 방법", {"enum": list(AGGREGATIONS)}, example="avg"),
        parameter("tier", "Which resolution is read.", "읽을 해상도", {"enum": list(TIERS)}, example="auto"),
    ]


def _labels() -> Json:
    return {
        "name": "label.NAME",
        "in": "query",
        "description": "Only series with this label, such as label.host=a; may be given for several labels.",
        "x-ko": "label.host=a처럼 라벨로 좁힙니다. 여러 개를 함께 쓸 수 있습니다.",
        "schema": {"type": "string"},
    }


def _get_exposition() -> Json:
    page = _page(
        "The newest values in the Prometheus text format.",
        "최신 값을 Prometheus 텍스트 형식으로 내보냅니다.",
        "text/plain",
    )
    return {**page, "tags": ["measurements"]}


def _service(summary: str, ko: str, schema: str) -> Json:
    return operation(summary, ko, "service", json_answer(summary, schema))


def _ready() -> Json:
    ready = _service("Can requests be served?", "요청을 처리할 준비가 되었는지 확인합니다.", "Status")
    ready["responses"]["503"] = {"$ref": "#/components/responses/Problem"}
    return ready


def _page(summary: str, ko: str, media: str) -> Json:
    answer = {"description": summary, "content": {media: {"schema": {"type": "string"}}}}
    return operation(summary, ko, "service", answer)


def _problem_response() -> Json:
    return {
        "description": "What is wrong, where, and what to do (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _schemas() -> Json:
    text, whole, number = {"type": "string"}, {"type": "integer"}, {"type": "number"}
    labels: Json = {"type": "object", "additionalProperties": text}
    refusals = an_array(an_object(["index", "reason"], index=whole, reason=text))
    point: Json = {"type": "array", "prefixItems": [whole, number], "minItems": 2, "maxItems": 2}
    row = an_object(["metric", "value"], metric=text, labels=labels, value=number, at=whole)
    series = an_object(["metric", "labels", "points"], metric=text, labels=labels, points=an_array(point))
    latest = an_object(
        ["metric", "labels", "value", "unit", "at"], metric=text, labels=labels, value=number, unit=text, at=whole
    )
    entry = an_object(["metric"], metric=text, labels=labels)
    process = an_object(
        ["pid", "name", "state", "cpu", "memory_bytes", "threads"],
        pid=whole,
        name=text,
        state=text,
        cpu={"type": ["number", "null"]},
        memory_bytes=whole,
        threads=whole,
    )
    return {
        "Row": {**row, "additionalProperties": False},
        "Columns": {
            **an_object(
                ["series", "index", "value"],
                series=an_array({**entry, "additionalProperties": False}),
                index=an_array(whole),
                at=an_array(whole),
                value=an_array(number),
            ),
            "additionalProperties": False,
        },
        "Receipt": an_object(["accepted", "refused"], accepted=whole, refused=refusals, unlisted=whole),
        "Latest": an_object(["at", "metrics"], at=whole, metrics=an_array(latest)),
        "Series": an_object(
            ["start", "end", "step", "agg", "series"],
            start=whole,
            end=whole,
            step={"type": ["integer", "null"]},
            agg={"enum": [*AGGREGATIONS, None]},
            series=an_array(series),
        ),
        "Processes": an_object(["at", "total", "rows"], at=whole, total=whole, rows=an_array(process)),
        "Status": an_object(["status", "version"], status=text, version=text, degraded=an_array(text)),
        "OpenApi": {"type": "object"},
        "Problem": an_object(
            ["type", "title", "status", "detail", "instance", "trace_id"],
            type={"type": "string", "pattern": f"^{TYPES}[a-z-]+$"},
            title=text,
            status=whole,
            detail=text,
            instance=text,
            trace_id={"type": "string", "pattern": "^[0-9a-f]{32}$"},
            hint=text,
            retry_after=whole,
            accepted=whole,
            refused=refusals,
            unlisted=whole,
        ),
    }
