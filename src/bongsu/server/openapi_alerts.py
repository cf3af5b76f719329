"""What alerts and silences add to REST's description."""

from __future__ import annotations

from typing import Any

from bongsu.http.errors import TooSlow
from bongsu.model.alert import SEVERITIES
from bongsu.server.alerts import STATES
from bongsu.server.openapi_blocks import (
    Description,
    Json,
    an_array,
    an_object,
    json_answer,
    operation,
    parameter,
)

_BODY_ERRORS = (400, TooSlow.status, 413, 415, 429, 503, 507)
_TEXT: Json = {"type": "string"}
_TEXT_OR_NONE: Json = {"type": ["string", "null"]}
_YES_OR_NO: Json = {"type": "boolean"}
_WHOLE: Json = {"type": "integer"}
_TIME_OR_NONE: Json = {"type": ["integer", "null"]}
_NUMBER_OR_NONE: Json = {"type": ["number", "null"]}
_TEXTS: Json = {"type": "object", "additionalProperties": _TEXT}
_SEVERITY: Json = {"enum": list(SEVERITIES)}
_PHASE: Json = {"enum": ["pending", "firing", "acknowledged", "resolved"]}
_TIME: Json = {"type": "string", "description": "UTC milliseconds, RFC 3339, now, or -1h"}


def _body(schema: str, example: Json) -> Json:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def _in_path(text: str, ko: str) -> Json:
    return {"name": "id", "in": "path", "required": True, "description": text, "x-ko": ko, "schema": _TEXT}


_ALERT_ID = _in_path("The alert's id.", "알림의 id")


def _act(summary: str, ko: str, schema: str, example: Json) -> Json:
    answer = json_answer("The alert as it stands now.", "AlertAnswer")
    return operation(
        summary, ko, "alerts", answer, *_BODY_ERRORS, 404, 409, parameters=[_ALERT_ID], **_body(schema, example)
    )


def _push() -> Json:
    example: Json = {
        "level": "warning",
        "message": "CPU 사용률이 높습니다.",
        "metric": "cpu_usage",
        "value": 85.5,
        "threshold": 80.0,
    }
    made = operation(
        "Send an alert. It is over when it is sent with status resolved, or isn't sent again for five minutes.",
        "알림을 보냅니다. status가 resolved로 오거나 5분 동안 다시 오지 않으면 해제됩니다.",
        "alerts",
        {},
        *_BODY_ERRORS,
        **_body("PushedAlert", example),
    )
    answers = made["responses"]
    del answers["200"]
    answers["202"] = json_answer(
        "Kept; who must hear of it will.", "Pushed", {"id": "5f1d7c0a9b3e4d21", "fingerprint": "9b3e…"}
    )
    return made


def _list() -> Json:
    return operation(
        "Alerts by state, the worst first; those that are over the newest first.",
        "알림을 상태별로 조회합니다. 심각한 것부터, 해제된 것은 최근 것부터 나옵니다.",
        "alerts",
        json_answer("The alerts.", "Alerts"),
        *(400, 503),
        parameters=[
            parameter("state", "Which (default open).", "상태(기본 open)", {"enum": list(STATES)}, example="open"),
            parameter("start", "Fired from (default a week ago).", "발생 시작(기본: 1주 전)", _TIME, example="-7d"),
            parameter("end", "Fired before (default now).", "발생 끝(기본: 지금)", _TIME, example="now"),
            parameter("text", "In message, metric or a label.", "메시지, 지표, 라벨에서 찾을 말", _TEXT, example="cpu"),
            parameter("limit", "How many (default 200).", "개수(기본 200)", _WHOLE, example=200),
        ],
    )


def _silence_posting() -> Json:
    example: Json = {"matchers": {"metric": "disk_usage", "mount": "/data*"}, "for": "2h", "reason": "디스크 교체"}
    made = operation(
        "Keep matching alerts quiet. They live on; who heard of one hears that it is over.",
        "조건에 맞는 알림을 조용히 합니다. 알림은 계속 기록되고, 이미 알림을 받은 곳에는 해제도 알립니다.",
        "alerts",
        {},
        *_BODY_ERRORS,
        **_body("NewSilence", example),
    )
    del made["responses"]["200"]
    made["responses"]["201"] = json_answer("The silence.", "SilenceAnswer")
    return made


def _schemas() -> Json:
    alert = {
        **dict.fromkeys(("id", "fingerprint", "message", "rule", "metric", "unit", "acknowledged_by", "note"), _TEXT),
        **dict.fromkeys(("silenced_by", "inhibited_by"), _TEXT),
        "source": {"enum": ["rule", "pushed"]},
        "severity": _SEVERITY,
        "phase": _PHASE,
        "labels": _TEXTS,
        "messages": _TEXTS,
        **dict.fromkeys(("value", "threshold"), _NUMBER_OR_NONE),
        **dict.fromkeys(("pending_at", "seen_at"), _WHOLE),
        **dict.fromkeys(("fired_at", "acknowledged_at", "acknowledged_until", "resolved_at"), _TIME_OR_NONE),
        **dict.fromkeys(("no_data", "flapping"), _YES_OR_NO),
    }
    one: Json = {"$ref": "#/components/schemas/Alert"}
    step = an_object(["change", "at", "by", "note", "alert"], change=_TEXT, at=_WHOLE, by=_TEXT, note=_TEXT, alert=one)
    delivery: dict[str, Any] = {
        **dict.fromkeys(("id", "kind", "channel", "channel_used", "state", "error", "receipt"), _TEXT),
        "severity": _SEVERITY,
        **dict.fromkeys(("at", "alerts", "attempts"), _WHOLE),
        **dict.fromkeys(("next_at", "done_at"), _TIME_OR_NONE),
    }
    silence: dict[str, Any] = {
        **dict.fromkeys(("id", "reason", "by", "repeats", "timezone"), _TEXT),
        "matchers": _TEXTS,
        **dict.fromkeys(("starts_at", "ends_at", "created_at"), _WHOLE),
        **dict.fromkeys(("until", "ended_at"), _TIME_OR_NONE),
        "in_force": _YES_OR_NO,
    }
    named = dict.fromkeys(("by", "action", "subject", "detail"), _TEXT)
    entry = an_object(["at", *named], at=_WHOLE, **named)
    word = {"by": _TEXT, "note": _TEXT}
    closed = {"additionalProperties": False}
    return {
        "Alert": an_object(sorted(alert), **alert),
        "Alerts": an_object(["at", "alerts"], at=_WHOLE, alerts=an_array(one)),
        "AlertAnswer": an_object(["alert"], alert=one),
        "AlertDetail": an_object(
            ["alert", "steps", "deliveries"],
            alert=one,
            steps=an_array(step),
            deliveries=an_array(an_object(sorted(delivery), **delivery)),
        ),
        "Pushed": an_object(["id", "fingerprint"], id=_TEXT_OR_NONE, fingerprint=_TEXT_OR_NONE),
        "PushedAlert": {
            **an_object(
                ["message"],
                level=_SEVERITY,
                message=_TEXT,
                metric=_TEXT,
                value=_NUMBER_OR_NONE,
                threshold=_NUMBER_OR_NONE,
                labels=_TEXTS,
                unit=_TEXT,
                status={"enum": ["firing", "resolved"]},
            ),
            **closed,
        },
        "Word": {**an_object([], **word), **closed},
        "Acknowledgement": {**an_object([], **word, **{"for": _TEXT}), **closed},
        "Audit": an_object(["at", "entries"], at=_WHOLE, entries=an_array(entry)),
        "Silence": an_object(sorted(silence), **silence),
        "SilenceAnswer": an_object(["silence"], silence={"$ref": "#/components/schemas/Silence"}),
        "Silences": an_object(
            ["at", "silences"], at=_WHOLE, silences=an_array({"$ref": "#/components/schemas/Silence"})
        ),
        "NewSilence": {
            **an_object(
                ["matchers"],
                matchers=_TEXTS,
                reason=_TEXT,
                by=_TEXT,
                starts_at=_WHOLE,
                ends_at=_WHOLE,
                repeats=_TEXT,
                timezone=_TEXT,
                until=_WHOLE,
                **{"for": _TEXT},
            ),
            **closed,
        },
    }


def _page(summary: str, ko: str, *, answers: tuple[str, ...]) -> Json:
    made = operation(
        summary, ko, "alerts", {}, parameters=[{**_in_path("Out of a message.", "메시지에 담긴 값"), "name": "token"}]
    )
    html: Json = {"description": summary, "content": {"text/html": {"schema": _TEXT}}}
    del made["responses"]["200"]
    for status in (*answers, "404", "410", "503"):
        made["responses"][status] = {"description": summary} if status == "303" else html
    return made


_WORDS: Json = {"by": "kim", "note": "재시작했습니다"}

ALERTS = Description(
    tags=({"name": "alerts", "description": "Alerts and silences.", "x-ko": "알림과 조용한 시간"},),
    paths={
        "/api/v1/alerts": {"post": _push(), "get": _list()},
        "/api/v1/alerts/{id}": {
            "get": operation(
                "One alert, its steps, and the messages that told of it.",
                "알림 하나와 그 변화, 보낸 메시지를 조회합니다.",
                "alerts",
                json_answer("The alert.", "AlertDetail"),
                *(400, 404, 503),
                parameters=[_ALERT_ID],
            )
        },
        "/api/v1/alerts/{id}/acknowledge": {
            "post": _act(
                "Say that somebody has it in hand, for a while or until it is over.",
                "알림을 확인합니다. for를 주면 그 시간이 지난 뒤 다시 울립니다.",
                "Acknowledgement",
                {**_WORDS, "for": "2h"},
            )
        },
        "/api/v1/alerts/{id}/unacknowledge": {
            "post": _act("Take the acknowledgement back.", "알림 확인을 취소합니다.", "Word", _WORDS)
        },
        "/api/v1/alerts/{id}/resolve": {"post": _act("Say that it is over.", "알림을 해제합니다.", "Word", _WORDS)},
        "/ack/{token}": {
            "get": _page(
                "The page behind the link in a message: what it is about, and the button.",
                "메시지의 확인 링크가 여는 페이지입니다. 보는 것만으로는 아무것도 바뀌지 않습니다.",
                answers=("200",),
            ),
            "post": _page(
                "The button: acknowledge what the message told of.",
                "버튼: 메시지의 알림을 확인합니다.",
                answers=("303",),
            ),
        },
        "/api/v1/audit": {
            "get": operation(
                "Who changed what, and what automatic actions did, newest first.",
                "누가 무엇을 바꾸었는지, 자동 대응이 무엇을 했는지 최근 것부터 조회합니다.",
                "alerts",
                json_answer("The entries.", "Audit"),
                *(400, 503),
                parameters=[
                    parameter("start", "From (default a week ago).", "시작(기본: 1주 전)", _TIME, example="-7d"),
                    parameter("limit", "How many (default 200).", "개수(기본 200)", _WHOLE, example=200),
                ],
            )
        },
        "/api/v1/silences": {
            "get": operation(
                "Silences and maintenance windows, in force or to come.",
                "적용 중이거나 예정된 조용한 시간을 조회합니다.",
                "alerts",
                json_answer("The silences.", "Silences"),
                400,
            ),
            "post": _silence_posting(),
        },
        "/api/v1/silences/{id}": {
            "delete": operation(
                "End a silence now.",
                "조용한 시간을 지금 끝냅니다.",
                "alerts",
                json_answer("The silence that ended.", "SilenceAnswer"),
                *(400, 404, 409, 503, 507),
                parameters=[
                    _in_path("The silence's id.", "조용한 시간의 id"),
                    parameter("by", "Who ends it.", "누가 끝내는지", _TEXT, example="kim"),
                ],
            )
        },
    },
    schemas=_schemas(),
)
