"""REST's description of marks on the timeline."""

from __future__ import annotations

from bongsu.model.mark import MARK_KINDS
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
_MARK: Json = {
    "id": "9f2c1e0b7a5d4c38",
    "at": EXAMPLE_TIME,
    "kind": "deploy",
    "label": "v1.4",
    "by": "kim",
    "link": "",
    "change": None,
}
_ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The mark's id.",
    "x-ko": "마크의 id",
    "schema": _TEXT,
    "example": _MARK["id"],
}


def _get() -> Json:
    return operation(
        "Deploys, campaigns, notes and changes of state in a range, oldest first.",
        "기간 안의 배포, 캠페인, 메모, 상태 변화를 오래된 것부터 조회합니다.",
        "checks",
        json_answer("The marks.", "Marks", {"at": EXAMPLE_TIME, "marks": [_MARK]}),
        *(400, 503),
        parameters=[
            parameter("start", "From (default a day back).", "시작(기본: 하루 전)", _TEXT, example="-24h"),
            parameter("end", "To, excluded.", "끝(포함하지 않음)", _TEXT, example="now"),
            parameter("kind", "Only this kind.", "이 종류만", {"enum": list(MARK_KINDS)}, example="deploy"),
        ],
    )


def _post() -> Json:
    sent = {"label": "v1.4", "kind": "deploy", "by": "kim"}
    return operation(
        "Put a mark on every chart: a deploy, a campaign, a note.",
        "모든 차트에 배포, 캠페인, 메모를 표시합니다.",
        "checks",
        json_answer("It is kept.", "OneMark", {"mark": _MARK}),
        *(400, 408, 413, 415, 429, 503, 507),
        requestBody={
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SentMark"}, "example": sent}},
        },
    )


def _delete() -> Json:
    return operation(
        "Take a mark away again.",
        "마크를 지웁니다.",
        "checks",
        json_answer("It is gone.", "RemovedMark", {"removed": _MARK["id"]}),
        *(404, 503, 507),
        parameters=[_ID],
    )


def _schemas() -> Json:
    mark = {"$ref": "#/components/schemas/Mark"}
    sent = an_object(
        ["label"], label=_TEXT, kind={"enum": ["deploy", "campaign", "note"]}, at=_WHOLE, by=_TEXT, link=_TEXT
    )
    return {
        "Mark": an_object(
            ["id", "at", "kind", "label"],
            id=_TEXT,
            at=_WHOLE,
            kind={"enum": list(MARK_KINDS)},
            label=_TEXT,
            by=_TEXT,
            link=_TEXT,
            change={"type": ["object", "null"]},
        ),
        "Marks": an_object(["at", "marks"], at=_WHOLE, marks=an_array(mark)),
        "OneMark": an_object(["mark"], mark=mark),
        "RemovedMark": an_object(["removed"], removed=_TEXT),
        "SentMark": {**sent, "additionalProperties": False},
    }


MARKS = Description(
    paths={"/api/v1/marks": {"get": _get(), "post": _post()}, "/api/v1/marks/{id}": {"delete": _delete()}},
    schemas=_schemas(),
)
