"""REST's description of checks and connections."""

from __future__ import annotations

from bongsu.model.check import STATES, WINDOWS
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
_WHOLE: Json = {"type": "integer"}
_NUMBER: Json = {"type": "number"}
_NO_NUMBER: Json = {"type": ["number", "null"]}
_NO_WHOLE: Json = {"type": ["integer", "null"]}
_NUMBERS: Json = {"type": "object", "additionalProperties": _NUMBER}


def _check() -> Json:
    properties: Json = {
        "kind": {"enum": ["marketplace", "check", "connection"]},
        "name": _TEXT,
        "title": an_object(["ko", "en"], ko=_TEXT, en=_TEXT),
        "protocol": _TEXT,
        "target": _TEXT,
        "simulated": {"type": "boolean"},
        "state": {"enum": list(STATES)},
        "since": _WHOLE,
        "reason": _TEXT,
        "detail": _TEXT,
        "checked_at": _NO_WHOLE,
        "next_at": _NO_WHOLE,
        "interval_ms": _WHOLE,
        "http_status": _NO_WHOLE,
        "response_ms": _NO_NUMBER,
        "phases": _NUMBERS,
        "figures": _NUMBERS,
        "certificate_days": _NO_NUMBER,
        "key_days": _NO_NUMBER,
        "availability": {"type": "object", "properties": dict.fromkeys(WINDOWS, _NUMBER)},
        "watched_ms": {"type": "object", "properties": dict.fromkeys(WINDOWS, _WHOLE)},
        "watched_since": _NO_WHOLE,
        "probes": _WHOLE,
        "left_alone": _WHOLE,
    }
    return an_object(list(properties), **properties)


EXAMPLE: Json = {
    "kind": "marketplace",
    "name": "coupang",
    "title": {"ko": "쿠팡", "en": "Coupang"},
    "protocol": "https",
    "target": "https://api-gateway.coupang.com",
    "simulated": False,
    "state": "up",
    "since": EXAMPLE_TIME - 3_600_000,
    "reason": "",
    "detail": "HTTP 200 SUCCESS",
    "checked_at": EXAMPLE_TIME,
    "next_at": EXAMPLE_TIME + 60_000,
    "interval_ms": 60_000,
    "http_status": 200,
    "response_ms": 183.4,
    "phases": {"dns": 2.1, "connect": 8.0, "tls": 21.3, "first_byte": 148.9, "transfer": 3.1},
    "figures": {},
    "certificate_days": 61.5,
    "key_days": 120.2,
    "availability": {"24h": 99.931, "7d": 99.98},
    "watched_ms": {"24h": 86_400_000, "7d": 190_800_000},
    "watched_since": EXAMPLE_TIME - 190_800_000,
    "probes": 60,
    "left_alone": 0,
}


def _get(summary: str, ko: str, key: str, schema: str, example: Json) -> Json:
    return operation(
        summary,
        ko,
        "checks",
        json_answer(summary, schema, {"at": EXAMPLE_TIME, key: [example]}),
        400,
        parameters=[
            parameter("name", "Only the one of this name.", "이 이름만", _TEXT, example=example["name"]),
            parameter("state", "Only those in this state.", "이 상태만", {"enum": list(STATES)}, example="up"),
        ],
    )


_CONNECTION: Json = {
    **EXAMPLE,
    "kind": "connection",
    "name": "orders",
    "title": {"ko": "orders", "en": "orders"},
    "protocol": "postgresql",
    "target": "postgresql://db.internal:5434/shop",
    "detail": "PostgreSQL 16.4",
    "http_status": None,
    "response_ms": 4.2,
    "phases": {},
    "figures": {"used": 12.0, "limit": 100.0},
    "certificate_days": None,
    "key_days": None,
}

CHECKS = Description(
    tags=({"name": "checks", "description": "Marketplaces, checks, connections.", "x-ko": "마켓플레이스, 점검, 연결"},),
    paths={
        "/api/v1/checks": {
            "get": _get(
                "How marketplaces and checks stand, worst first.",
                "마켓플레이스와 점검 대상의 상태를 나쁜 것부터 조회합니다.",
                "checks",
                "Checks",
                EXAMPLE,
            )
        },
        "/api/v1/connections": {
            "get": _get(
                "How connections stand, worst first.",
                "연결 상태를 나쁜 것부터 조회합니다.",
                "connections",
                "Connections",
                _CONNECTION,
            )
        },
    },
    schemas={
        "Check": _check(),
        "Checks": an_object(["at", "checks"], at=_WHOLE, checks=an_array({"$ref": "#/components/schemas/Check"})),
        "Connections": an_object(
            ["at", "connections"], at=_WHOLE, connections=an_array({"$ref": "#/components/schemas/Check"})
        ),
    },
)
