"""The feeds' part of REST's description: events in, and what is known of the feeds."""

from __future__ import annotations

from bongsu.http.errors import TooSlow
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
from bongsu.server.quality import WINDOWS

_TEXT: Json = {"type": "string"}
_WHOLE: Json = {"type": "integer"}
_SHARE: Json = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_MAYBE_NUMBER: Json = {"type": ["number", "null"]}
_MAYBE_WHOLE: Json = {"type": ["integer", "null"]}
_MAYBE_TEXT: Json = {"type": ["string", "null"]}


def _post() -> Json:
    fields = {"price": 71200, "size": 10}
    row = {"feed": "krx", "symbol": "005930", "at": EXAMPLE_TIME, "seq": 7, "fields": fields}
    columnar = {
        "feed": "krx",
        "symbols": ["005930", "000660"],
        "index": [0, 1],
        "at": [EXAMPLE_TIME] * 2,
        "seq": [8, 3],
        "fields": {"price": [71200, 182500], "size": [10, 4]},
    }
    return operation(
        "Send events of feeds: rows, NDJSON, or columns; gzip and zstd are understood.",
        "피드 이벤트를 보냅니다. 행 배열, NDJSON, 열 형식을 받으며 gzip과 zstd 압축도 됩니다.",
        "feeds",
        json_answer("Kept; faulty items are listed.", "Receipt", {"accepted": 1, "refused": []}),
        *(400, TooSlow.status, 413, 415, 422, 429, 503, 507),
        parameters=[
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "A name of this body: sent again within 24 h, it is answered and not counted again.",
                "x-ko": "이 본문의 이름. 24시간 안에 다시 보내면 응답만 하고 다시 세지 않음",
                "schema": {"type": "string", "maxLength": 255},
                "example": "4f0c2a6e-0001",
            }
        ],
        requestBody={
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [
                            an_array({"$ref": "#/components/schemas/Event"}),
                            {"$ref": "#/components/schemas/EventColumns"},
                        ]
                    },
                    "examples": {
                        "rows": {"summary": "Rows", "x-ko": "행", "value": [row]},
                        "columns": {
                            "summary": "Columns, cheaper for many events",
                            "x-ko": "열(이벤트가 많을 때 유리)",
                            "value": columnar,
                        },
                    },
                },
                "application/x-ndjson": {
                    "schema": {"$ref": "#/components/schemas/Event"},
                    "examples": {"lines": {"summary": "A row a line", "x-ko": "한 줄에 한 행", "value": row}},
                },
            },
        },
    )


def _in_path(name: str, text: str, ko: str, example: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": text,
        "x-ko": ko,
        "schema": _TEXT,
        "example": example,
    }


_FEED = _in_path("feed", "The feed.", "피드 이름", "krx")
_WINDOW = parameter(
    "window", "Scores over this time (default 1m).", "점수 기간(기본 1m)", {"enum": list(WINDOWS)}, example="1m"
)


def _get_feed() -> Json:
    return operation(
        "One feed and its symbols, worst first.",
        "피드 하나와 종목별 점수를 나쁜 순서로 조회합니다.",
        "feeds",
        json_answer("The feed.", "FeedDetail"),
        400,
        404,
        parameters=[
            _FEED,
            _WINDOW,
            parameter("search", "Part of a symbol's name.", "종목 이름의 일부", _TEXT, example="0059"),
            parameter("offset", "Symbols to skip.", "건너뛸 종목 수", _WHOLE, example=0),
            parameter(
                "limit", "Symbols to answer (100, at most 5,000).", "종목 수(기본 100, 최대 5,000)", _WHOLE, example=100
            ),
            parameter(
                "heat",
                "Whether to add each symbol's quality minute by minute.",
                "분 단위 품질 포함 여부",
                {"enum": ["true", "false"]},
                example="true",
            ),
        ],
    )


def _get_csv() -> Json:
    return {
        **operation(
            "All symbols of a feed as CSV.",
            "피드의 모든 종목을 CSV로 받습니다.",
            "feeds",
            {"description": "The table.", "content": {"text/csv": {"schema": _TEXT}}},
            400,
            404,
            parameters=[_FEED, _WINDOW],
        )
    }


def _scores() -> Json:
    names = ("completeness", "accuracy", "timeliness", "consistency", "validity", "uniqueness", "quality")
    return {**dict.fromkeys((*names, "quality_lower"), _SHARE), "worst": _MAYBE_TEXT}


_COUNTS: Json = dict.fromkeys(
    (
        "events",
        "lost",
        "duplicates",
        "out_of_order",
        "late",
        "implausible",
        "spikes",
        "inconsistent",
        "crossed",
        "locked",
        "future",
    ),
    _WHOLE,
)


def _schemas() -> Json:
    value: Json = {"type": ["number", "string", "boolean", "null"]}
    event = an_object(
        ["feed", "symbol", "at"],
        feed=_TEXT,
        symbol=_TEXT,
        at=_WHOLE,
        seq=_MAYBE_WHOLE,
        session={"type": ["string", "integer", "null"]},
        fields={"type": ["object", "null"]},
    )
    columns = an_object(
        ["symbols", "at"],
        feed=_TEXT,
        feeds=an_array(_TEXT),
        symbols=an_array(_TEXT),
        index=an_array(_WHOLE),
        at=an_array(_WHOLE),
        seq=an_array(_MAYBE_WHOLE),
        session={},
        fields={"type": "object", "additionalProperties": an_array(value)},
    )
    fault = an_object(
        ["fault", "symbol", "since", "count", "detail"],
        fault=_TEXT,
        symbol=_MAYBE_TEXT,
        since=_WHOLE,
        count=_WHOLE,
        detail=_TEXT,
        until=_WHOLE,
    )
    feed = an_object(
        ["feed", "title", "state", "symbols", "expected", "seen", "coverage", "delay", "quality", "worst", "faults"],
        feed=_TEXT,
        title=_TEXT,
        state={"enum": ["open", "closed"]},
        symbols=_WHOLE,
        expected=_WHOLE,
        seen=_WHOLE,
        coverage=_MAYBE_NUMBER,
        delay={"type": ["object", "null"], "additionalProperties": {"type": "number"}},
        delay_limit_ms={"type": "number"},
        clock_skew_ms=_WHOLE,
        events_per_second={"type": "number"},
        last_arrived=_MAYBE_WHOLE,
        faults={"type": "object", "additionalProperties": _WHOLE},
        **_scores(),
        **_COUNTS,
    )
    symbol = an_object(
        ["symbol", "state", "quality", "worst", "events"],
        symbol=_TEXT,
        state={"enum": ["ok", "silent", "missing", "new", "closed"]},
        last_arrived=_MAYBE_WHOLE,
        last_event=_MAYBE_WHOLE,
        age_seconds=_MAYBE_NUMBER,
        **_scores(),
        **_COUNTS,
    )
    heat = an_object(
        ["from", "step", "rows"],
        step=_WHOLE,
        rows=an_array(an_array(_MAYBE_WHOLE)),
        **{"from": _WHOLE},
    )
    faults = an_array({"$ref": "#/components/schemas/FeedFault"})
    symbols = an_array({"$ref": "#/components/schemas/FeedSymbol"})
    return {
        "Event": {**event, "additionalProperties": False},
        "EventColumns": {**columns, "additionalProperties": False},
        "FeedFault": fault,
        "FeedSummary": feed,
        "FeedSymbol": symbol,
        "Feeds": an_object(
            ["at", "window", "feeds"],
            at=_WHOLE,
            window=_TEXT,
            feeds=an_array({"$ref": "#/components/schemas/FeedSummary"}),
        ),
        "FeedDetail": an_object(
            ["at", "window", "feed", "total", "offset", "symbols", "faults", "past_faults"],
            at=_WHOLE,
            window=_TEXT,
            feed={"$ref": "#/components/schemas/FeedSummary"},
            total=_WHOLE,
            offset=_WHOLE,
            symbols=symbols,
            faults=faults,
            past_faults=faults,
            heat=heat,
        ),
        "SymbolDetail": an_object(
            ["at", "feed", "symbol", "windows", "timeline", "delays", "offenders", "gaps", "faults", "past_faults"],
            at=_WHOLE,
            feed=_TEXT,
            symbol=_TEXT,
            windows={"type": "object", "additionalProperties": {"$ref": "#/components/schemas/FeedSymbol"}},
            timeline=an_array({"type": "object"}),
            delays=an_array(an_array({"type": "number"})),
            delay_limit_ms={"type": "number"},
            usual_silence_ms=_MAYBE_NUMBER,
            offenders=an_array({"type": "object"}),
            gaps=an_array({"type": "object"}),
            faults=faults,
            past_faults=faults,
        ),
    }


DESCRIPTION = Description(
    tags=({"name": "feeds", "description": "Data feeds and their quality.", "x-ko": "데이터 피드와 품질"},),
    paths={
        "/api/v1/events": {"post": _post()},
        "/api/v1/quality": {
            "get": operation(
                "Every feed with its scores and faults.",
                "모든 피드의 점수와 이상을 조회합니다.",
                "feeds",
                json_answer("The feeds.", "Feeds"),
                400,
                parameters=[_WINDOW],
            )
        },
        "/api/v1/quality/{feed}.csv": {"get": _get_csv()},
        "/api/v1/quality/{feed}": {"get": _get_feed()},
        "/api/v1/quality/{feed}/{symbol}": {
            "get": operation(
                "One symbol: scores over time, delays, faulty events, gaps.",
                "종목 하나의 점수 추이, 지연 분포, 문제 이벤트, 공백 구간을 조회합니다.",
                "feeds",
                json_answer("The symbol.", "SymbolDetail"),
                400,
                404,
                parameters=[_FEED, _in_path("symbol", "The symbol.", "종목", "005930")],
            )
        },
    },
    schemas=_schemas(),
)
