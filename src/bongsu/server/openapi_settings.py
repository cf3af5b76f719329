"""The part of REST's description that tells of settings."""

from __future__ import annotations

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

_TEXT: Json = {"type": "string"}
_TEXTS: Json = an_array(_TEXT)
_NUMBER: Json = {"type": "integer", "minimum": 0, "maximum": MOST}
_FIGURE: Json = {"type": ["number", "null"]}
_MOMENT: Json = {"enum": ["now", "restart"], "description": "At once, or from the next start on."}
_ORIGIN: Json = {"enum": ["default", "file", "screen", "environment", "flag", "program"]}
_BY_PATH: Json = {"type": "object", "additionalProperties": _TEXT, "description": "By dotted path."}
_BODY_ERRORS = (400, TooSlow.status, 413, 415, 429)
_KEEPING_ERRORS = (409, 422, 503, 507)
_CHANGES = {"thresholds.cpu_threshold_percent": 70}
_DIFFERENCE = {"path": "thresholds.cpu_threshold_percent", "before": 80.0, "after": 70.0, "applies": "now"}
_VERSION = {"number": 1, "at": EXAMPLE_TIME, "by": "kim", "note": "배치 시간 조정", "changes": [_DIFFERENCE]}
_VIEW = {
    "settings": {"thresholds": {"cpu_threshold_percent": 70.0}, "notifications": {"slack": {"webhook_url": "***"}}},
    "sources": {
        "thresholds.cpu_threshold_percent": "screen",
        "notifications.slack.webhook_url": "environment",
        "server.port": "default",
    },
    "origins": {
        "thresholds.cpu_threshold_percent": "screen",
        "notifications.slack.webhook_url": "environment SLACK_WEBHOOK_URL",
    },
    "fixed": ["notifications.slack.webhook_url"],
    "barred": ["storage.data_dir", "collectors", "alerts.allowed_commands"],
    "faults": [],
    "restart": [],
    "version": 1,
    "sealing": True,
    "writable": True,
}
_PREVIEW = {
    "faults": [],
    "diff": [_DIFFERENCE],
    "applies": "now",
    "effects": [
        {
            "kind": "backtest",
            "path": "thresholds.cpu_threshold_percent",
            "text": "CPU 사용률: 최근 7일이었다면 14회 발생(현재 설정으로는 3회)",
            "before": 3,
            "after": 14,
        }
    ],
}


def _language() -> Json:
    return parameter(
        "language",
        "Of sentences; without it that of the settings.",
        "문장의 언어. 생략하면 설정의 언어",
        {"enum": ["ko", "en"]},
        example="ko",
    )


def _body(schema: str, example: object) -> Json:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    return {"required": True, "content": {"application/json": content}}


def _all() -> Json:
    return {
        "get": operation(
            "All settings, where each comes from, what is wrong, and what waits for a start. A secret is `***`.",
            "모든 설정과 값의 출처, 오류, 재시작을 기다리는 항목을 조회합니다. 비밀 값은 `***` 입니다.",
            "settings",
            json_answer("The settings.", "SettingsView", _VIEW),
            400,
            parameters=[_language()],
        ),
        "put": operation(
            "Change settings by dotted path; `reset` gives paths back to file and default. 409 where somebody else "
            "was faster, 422 where the change can't be used; nothing is changed then. `***` stands for the secret "
            "that is there.",
            "점 표기 경로로 설정을 바꿉니다. reset은 파일이나 기본값으로 되돌릴 경로입니다. 그 사이 누가 바꿨으면 409, "
            "쓸 수 없는 값이면 422이며 아무것도 바뀌지 않습니다. `***` 는 기존 비밀 값을 뜻합니다.",
            "settings",
            json_answer("The settings as they are now.", "SettingsView", _VIEW),
            *(*_BODY_ERRORS, *_KEEPING_ERRORS),
            parameters=[_language()],
            requestBody=_body("SettingsChange", {"changes": _CHANGES, "version": 0, "note": "배치 시간 조정"}),
        ),
    }


def _preview() -> Json:
    return operation(
        "What a change would do: what is wrong, what differs, when it holds, its effects. Nothing is kept.",
        "설정을 바꾸면 어떻게 되는지 미리 봅니다. 오류, 바뀌는 값, 적용 시점, 효과를 알려 주며 저장하지 않습니다.",
        "settings",
        json_answer("What it would do.", "SettingsPreview", _PREVIEW),
        *_BODY_ERRORS,
        parameters=[_language()],
        requestBody=_body("SettingsTrial", {"changes": _CHANGES}),
    )


def _versions() -> Json:
    limit = {"type": "integer", "minimum": 1, "maximum": 1_000}
    return operation(
        "Who changed what, newest first.",
        "누가 무엇을 바꿨는지 최신순으로 조회합니다.",
        "settings",
        json_answer("The versions.", "SettingsVersions", {"versions": [_VERSION]}),
        *(400, 503),
        parameters=[parameter("limit", "At most so many (100).", "최대 개수(100)", limit, example=20)],
    )


def _rollback() -> Json:
    return operation(
        "Set what stood in an older version again, as a new version; 0 takes back everything that screens set.",
        "이전 버전의 설정을 새 버전으로 다시 적용합니다. 0이면 화면에서 바꾼 설정을 모두 되돌립니다.",
        "settings",
        json_answer("The settings as they are now.", "SettingsView", _VIEW),
        *(*_BODY_ERRORS, 404, *_KEEPING_ERRORS),
        parameters=[_language()],
        requestBody=_body("SettingsBack", {"number": 1, "note": "원래대로"}),
    )


def _document(summary: str, ko: str, schema: str) -> Json:
    return operation(summary, ko, "settings", json_answer("The document.", schema), 400)


def _schemas() -> Json:
    fault = an_object(["path", "message", "hint"], path=_TEXT, message=_TEXT, hint=_TEXT)
    difference = an_object(["path", "before", "after", "applies"], path=_TEXT, before={}, after={}, applies=_MOMENT)
    effect = an_object(
        ["kind", "path", "text", "before", "after"],
        kind={"enum": ["backtest", "retention", "samples", "series"]},
        path=_TEXT,
        text=_TEXT,
        before=_FIGURE,
        after=_FIGURE,
    )
    changes: Json = {"type": "object", "description": "Values by dotted path; a section's path takes an object."}
    trial = an_object([], changes=changes, reset=_TEXTS)
    version = an_object(
        ["number", "at", "by", "note", "changes"],
        number=_NUMBER,
        at={"type": "integer", "description": "UTC milliseconds."},
        by=_TEXT,
        note=_TEXT,
        changes=an_array({"$ref": "#/components/schemas/SettingsDifference"}),
    )
    return {
        "SettingsFault": fault,
        "SettingsDifference": difference,
        "SettingsEffect": effect,
        "SettingsTrial": {**trial, "additionalProperties": False},
        "SettingsChange": {
            **an_object(["version"], changes=changes, reset=_TEXTS, version=_NUMBER, note=_TEXT),
            "additionalProperties": False,
        },
        "SettingsBack": {
            **an_object(
                ["number"],
                number=_NUMBER,
                version={"type": ["integer", "null"], "minimum": 0, "maximum": MOST},
                note=_TEXT,
            ),
            "additionalProperties": False,
        },
        "SettingsVersions": an_object(["versions"], versions=an_array(version)),
        "SettingsDocument": {"type": "object"},
        "SettingsPreview": an_object(
            ["faults", "diff", "applies", "effects"],
            faults=an_array({"$ref": "#/components/schemas/SettingsFault"}),
            diff=an_array({"$ref": "#/components/schemas/SettingsDifference"}),
            applies=_MOMENT,
            effects=an_array({"$ref": "#/components/schemas/SettingsEffect"}),
        ),
        "SettingsView": an_object(
            [
                "settings",
                "sources",
                "origins",
                "fixed",
                "barred",
                "faults",
                "restart",
                "version",
                "sealing",
                "writable",
            ],
            settings={"type": "object"},
            sources={"type": "object", "additionalProperties": _ORIGIN},
            origins=_BY_PATH,
            fixed=_TEXTS,
            barred=_TEXTS,
            faults=an_array({"$ref": "#/components/schemas/SettingsFault"}),
            restart=_TEXTS,
            version=_NUMBER,
            writable={"type": "boolean", "description": "Whether whoever asks may change them."},
            sealing={"type": "boolean", "description": "Whether there is a key to keep secrets with."},
        ),
    }


DESCRIPTION = Description(
    tags=({"name": "settings", "description": "Settings, while all runs.", "x-ko": "설정"},),
    paths={
        "/api/v1/settings": _all(),
        "/api/v1/settings/preview": {"post": _preview()},
        "/api/v1/settings/versions": {"get": _versions()},
        "/api/v1/settings/rollback": {"post": _rollback()},
        "/api/v1/settings/export": {
            "get": _document(
                "A settings file that says what file and screens say, without secrets.",
                "파일과 화면에서 정한 설정을 설정 파일로 내려받습니다. 비밀 값은 빠집니다.",
                "SettingsDocument",
            )
        },
        "/api/v1/settings/schema": {
            "get": _document(
                "The JSON Schema of all settings; `description` is English, `x-ko` Korean.",
                "모든 설정의 JSON Schema입니다. description은 영어, x-ko는 한국어 설명입니다.",
                "SettingsDocument",
            )
        },
    },
    schemas=_schemas(),
)
