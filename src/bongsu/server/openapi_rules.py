"""The part of REST's description that tells of alert rules; a rule's own schema comes from the settings' model."""

from __future__ import annotations

from typing import Any

from bongsu.http.errors import TooSlow
from bongsu.server.json_body import MOST
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
from bongsu.settings.rules import RuleSection

_TEXT: Json = {"type": "string"}
_TIME: Json = {"type": "integer", "description": "UTC milliseconds."}
_NUMBER_OR_NULL: Json = {"type": ["number", "null"]}
_COUNT: Json = {"type": "integer", "minimum": 0}
_LABELS: Json = {"type": "object", "additionalProperties": _TEXT}
_BODY_ERRORS = (400, TooSlow.status, 413, 415, 422, 429, 503, 507)
RULE = {
    "id": "cpu-high",
    "name": "CPU 사용률",
    "metric": "cpu_usage",
    "aggregation": "avg",
    "window": "60s",
    "op": ">",
    "value": 80,
    "clear": 75,
    "for": "5m",
    "severity": "warning",
    "when": "weekday 09:00-18:00 Asia/Seoul",
}
_EXAMPLE = {"rule": {**RULE, "source": "screen", "names": {}}}


def _id() -> Json:
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "The rule's id.",
        "x-ko": "규칙의 id",
        "schema": _TEXT,
        "example": "cpu_threshold_percent",
    }


def _by() -> Json:
    return parameter("by", "Who changes it.", "변경하는 사람", _TEXT, example="kim")


def _body(schema: str, example: object) -> Json:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    return {"required": True, "content": {"application/json": content}}


def _created(answer: Json) -> Json:
    responses = answer["responses"]
    return {
        **answer,
        "responses": {"201": responses["200"], **{key: one for key, one in responses.items() if key != "200"}},
    }


def _rules() -> Json:
    return {
        "get": operation(
            "Every rule: of the thresholds, of the settings, and made here; `source` says which.",
            "모든 알림 규칙을 조회합니다. source는 출처(임계값, 설정 파일, 화면)입니다.",
            "rules",
            json_answer("The rules.", "RuleList", {"rules": [_EXAMPLE["rule"]]}),
            400,
        ),
        "post": _created(
            operation(
                "Make a rule. What is left out has a default, so that metric and value are enough; "
                'the simple form {"if": "cpu_usage over 90 for 5m"} is one too.',
                "규칙을 만듭니다. 생략한 키에는 기본값이 있어 metric과 value만으로 충분하며, "
                '간단한 형식 {"if": "cpu_usage over 90 for 5m"}도 됩니다.',
                "rules",
                json_answer("The rule, in force.", "RuleAnswer", _EXAMPLE),
                *_BODY_ERRORS,
                parameters=[_by()],
                requestBody=_body("Rule", RULE),
            )
        ),
    }


def _rule() -> Json:
    return {
        "get": operation(
            "One rule.",
            "규칙 하나를 조회합니다.",
            "rules",
            json_answer("The rule.", "RuleAnswer", _EXAMPLE),
            *(400, 404),
            parameters=[_id()],
        ),
        "put": operation(
            "Change a rule; over one of the settings the change is laid, and the settings stay as they are.",
            "규칙을 바꿉니다. 설정 파일의 규칙은 파일을 그대로 두고 변경만 덮어씁니다.",
            "rules",
            json_answer("The rule, in force.", "RuleAnswer", _EXAMPLE),
            *(*_BODY_ERRORS, 404),
            parameters=[_id(), _by()],
            requestBody=_body("Rule", RULE),
        ),
        "delete": operation(
            "Drop what was made here. A rule of the settings is theirs again; 400 where it was never changed.",
            "여기서 만든 규칙이나 변경을 지웁니다. 설정 파일의 규칙은 원래대로 돌아가고, 바꾼 적이 없으면 400입니다.",
            "rules",
            json_answer("What the settings say, or null.", "RuleLeft", {"rule": None}),
            *(400, 404, 503, 507),
            parameters=[_id(), _by()],
        ),
    }


def _versions() -> Json:
    version = {
        "number": 2,
        "at": EXAMPLE_TIME,
        "by": "kim",
        "rule": RULE,
        "difference": ['-  "value": 80.0,', '+  "value": 85.0,'],
    }
    return operation(
        "Every kept version, oldest first, with the lines that changed.",
        "보관된 모든 버전을 오래된 순으로, 바뀐 줄과 함께 조회합니다.",
        "rules",
        json_answer("The versions.", "RuleVersions", {"versions": [version]}),
        *(400, 404, 503),
        parameters=[_id()],
    )


def _rollback() -> Json:
    return operation(
        "Put an old version in force again, as a new one.",
        "예전 버전을 새 버전으로 다시 적용합니다.",
        "rules",
        json_answer("The rule; null where that version removed it.", "RuleLeft", _EXAMPLE),
        *(*_BODY_ERRORS, 404),
        parameters=[_id(), _by()],
        requestBody=_body("Rollback", {"number": 1, "by": "kim"}),
    )


def _backtest() -> Json:
    return operation(
        "What a rule would have done: when it fired, how long, how many messages at what hour. Nothing is told.",
        "규칙을 과거 데이터에 돌려 언제 얼마나 오래 발생하고 몇 시에 몇 건을 보냈을지 알려 줍니다.",
        "rules",
        json_answer(
            "The back-test; the time zone of `by_hour` is the settings'.",
            "BackTest",
            {
                "start": EXAMPLE_TIME,
                "end": EXAMPLE_TIME + 3_600_000,
                "step": 60_000,
                "threshold": 80,
                "fired": [{"labels": {}, "from": EXAMPLE_TIME, "to": EXAMPLE_TIME + 600_000, "worst": 93.5}],
                "count": 1,
                "total_ms": 600_000,
                "messages": 2,
                "by_hour": [0] * 9 + [2] + [0] * 14,
                "points": [[EXAMPLE_TIME, 93.5]],
                "labels": {},
                "series": 1,
                "left_out": 0,
            },
        ),
        *_BODY_ERRORS,
        requestBody=_body("Trial", {"rule": RULE, "start": "-30d", "end": "now", "step": "60s"}),
    )


def _preview() -> Json:
    return operation(
        "How a rule stands now for each series or group, worst first. Nothing is kept or told.",
        "규칙이 지금 시계열마다 어떤 상태인지 알려 줍니다. 저장하거나 보내지 않습니다.",
        "rules",
        json_answer("How it stands.", "Preview", {"series": [{"labels": {}, "value": 41.5, "condition": "clear"}]}),
        *_BODY_ERRORS,
        requestBody=_body("Trial", {"rule": RULE}),
    )


def _schemas() -> Json:
    rule: dict[str, Any] = RuleSection.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    rule.pop("$defs", None)
    told = {"allOf": [{"$ref": "#/components/schemas/Rule"}]}
    moment: Json = {"type": ["integer", "string"], "description": "UTC milliseconds, RFC 3339, now, or -30d."}
    episode = an_object(
        ["labels", "from", "to", "worst"],
        labels=_LABELS,
        **{"from": _TIME, "to": {"type": ["integer", "null"]}, "worst": _NUMBER_OR_NULL},
    )
    version = an_object(
        ["number", "at", "by", "rule", "difference"],
        number=_COUNT,
        at=_TIME,
        by=_TEXT,
        rule={"type": ["object", "null"]},
        difference=an_array(_TEXT),
    )
    standing = an_object(
        ["labels", "value", "condition"],
        labels=_LABELS,
        value=_NUMBER_OR_NULL,
        condition={"enum": ["breach", "clear", "no_data"]},
    )
    source: Json = {"type": "string", "enum": ["settings", "thresholds", "screen"], "description": "In answers only."}
    rule["properties"]["source"] = source
    rule["properties"]["names"] = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "In answers only: the name in each language, where it is Bongsu's own.",
    }
    return {
        "Rule": rule,
        "RuleAnswer": an_object(["rule"], rule=told),
        "RuleLeft": an_object(["rule"], rule={"type": ["object", "null"]}),
        "RuleList": an_object(["rules"], rules=an_array(told)),
        "RuleVersions": an_object(["versions"], versions=an_array(version)),
        "Rollback": an_object(["number"], number={"type": "integer", "minimum": 0, "maximum": MOST}, by=_TEXT),
        "Trial": an_object(["rule"], rule=told, start=moment, end=moment, step=_TEXT),
        "BackTest": an_object(
            ["fired", "count", "total_ms", "messages", "by_hour", "points", "threshold", "series", "left_out"],
            start=_TIME,
            end=_TIME,
            step={"type": "integer", "description": "Milliseconds."},
            threshold=_NUMBER_OR_NULL,
            fired=an_array(episode),
            count=_COUNT,
            total_ms=_COUNT,
            messages=_COUNT,
            by_hour=an_array(_COUNT),
            points=an_array({"type": "array", "prefixItems": [_TIME, {"type": "number"}]}),
            labels=_LABELS,
            series=_COUNT,
            left_out=_COUNT,
        ),
        "Preview": an_object(["series"], series=an_array(standing)),
    }


DESCRIPTION = Description(
    tags=({"name": "rules", "description": "When something is worth an alert.", "x-ko": "알림 규칙"},),
    paths={
        "/api/v1/rules": _rules(),
        "/api/v1/rules/backtest": {"post": _backtest()},
        "/api/v1/rules/preview": {"post": _preview()},
        "/api/v1/rules/{id}": _rule(),
        "/api/v1/rules/{id}/versions": {"get": _versions()},
        "/api/v1/rules/{id}/rollback": {"post": _rollback()},
    },
    schemas=_schemas(),
)
