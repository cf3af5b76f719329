"""The part of REST's description that tells of channels and notifications."""

from __future__ import annotations

from typing import get_args

from bongsu.http.errors import TooSlow
from bongsu.model.alert import SEVERITIES, DeliveryState, NoticeKind
from bongsu.model.channel import ChannelState
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

_CLASSES = ("auth", "rate_limited", "temporary", "permanent")
_TEXT: Json = {"type": "string"}
_TIME: Json = {"type": "integer", "description": "UTC milliseconds."}
_TIME_OR_NULL: Json = {"type": ["integer", "null"], "description": "UTC milliseconds."}
_COUNT: Json = {"type": "integer", "minimum": 0}
_CHANNEL = {
    "name": "slack",
    "kind": "slack",
    "state": "ok",
    "waiting": 0,
    "dead": 0,
    "last_sent_at": EXAMPLE_TIME,
    "last_error": "",
    "retry_at": None,
}
_NOTIFICATION = {
    "id": "n-1",
    "kind": "fired",
    "channel": "slack",
    "severity": "warning",
    "at": EXAMPLE_TIME,
    "group": "",
    "text": "CPU 사용률이 높습니다.",
    "alerts": 1,
    "more": 0,
    "state": "sent",
    "attempts": 1,
    "next_at": None,
    "error": "",
    "receipt": "",
    "channel_used": "slack",
    "done_at": EXAMPLE_TIME,
}


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


def _get_channels() -> Json:
    return operation(
        "Every channel: whether it delivers, what waits for it, what was given up.",
        "모든 알림 채널의 상태와 대기, 발송 포기 건수를 조회합니다.",
        "notifications",
        json_answer("The channels.", "Channels", {"channels": [_CHANNEL]}),
        *(400, 503),
    )


def _post_test() -> Json:
    return operation(
        "Send a test message through one channel now.",
        "채널 하나로 시험 메시지를 바로 보냅니다.",
        "notifications",
        json_answer(
            "Whether it was delivered; the service's receipt, or why not.", "ChannelTest", {"ok": True, "receipt": ""}
        ),
        *(404, TooSlow.status, 413, 429, 503),
        parameters=[_in_path("name", "The channel.", "채널 이름", "slack")],
    )


def _get_notifications() -> Json:
    states = [*get_args(DeliveryState), "all"]
    return operation(
        "Messages that wait, were sent, were given up or became needless; newest first.",
        "대기 중이거나 보냈거나 포기했거나 합쳐진 알림 메시지를 최신순으로 조회합니다.",
        "notifications",
        json_answer("The messages.", "Notifications", {"notifications": [_NOTIFICATION]}),
        *(400, 503),
        parameters=[
            parameter("state", "Only of this state; all by default.", "이 상태만", {"enum": states}, example="dead"),
            parameter("limit", "How many at most; 200 by default.", "최대 건수", {"type": "integer"}, example=50),
        ],
    )


def _post_notifications() -> Json:
    example = {"message": "정산 배치가 끝났습니다.", "level": "info", "channels": ["slack"]}
    schema = an_object(
        ["message"],
        message=_TEXT,
        level={"enum": list(SEVERITIES)},
        channels={"type": ["array", "null"], "items": _TEXT},
    )
    return operation(
        "Send people a message that is no alert; all channels where none is named.",
        "알림이 아닌 메시지를 보냅니다. 채널을 적지 않으면 모든 채널로 보냅니다.",
        "notifications",
        json_answer(
            "The messages, on their way.", "Accepted", {"notifications": [{"id": "message-1", "channel": "slack"}]}
        ),
        *(400, TooSlow.status, 413, 429, 503, 507),
        requestBody={
            "required": True,
            "content": {
                "application/json": {
                    "schema": schema,
                    "examples": {"message": {"summary": "A message", "x-ko": "메시지", "value": example}},
                }
            },
        },
    )


def _post_resend() -> Json:
    waiting = _NOTIFICATION | {"state": "waiting", "attempts": 0, "next_at": EXAMPLE_TIME, "done_at": None}
    return operation(
        "Put a message that was given up on its way again.",
        "발송을 포기한 메시지를 다시 보냅니다.",
        "notifications",
        json_answer("The message as it stands now.", "Resent", {"notification": waiting}),
        *(400, 404, TooSlow.status, 413, 429, 503, 507),
        parameters=[_in_path("id", "The message.", "메시지 ID", "n-1")],
    )


def _schemas() -> Json:
    severity: Json = {"enum": list(SEVERITIES)}
    channel = an_object(
        list(_CHANNEL),
        name=_TEXT,
        kind=_TEXT,
        state={"enum": list(get_args(ChannelState))},
        waiting=_COUNT,
        dead=_COUNT,
        last_sent_at=_TIME_OR_NULL,
        last_error=_TEXT,
        retry_at=_TIME_OR_NULL,
    )
    notification = an_object(
        list(_NOTIFICATION),
        id=_TEXT,
        kind={"enum": list(get_args(NoticeKind))},
        channel=_TEXT,
        severity=severity,
        at=_TIME,
        group=_TEXT,
        text=_TEXT,
        alerts=_COUNT,
        more=_COUNT,
        state={"enum": list(get_args(DeliveryState))},
        attempts=_COUNT,
        next_at=_TIME_OR_NULL,
        error=_TEXT,
        receipt=_TEXT,
        channel_used=_TEXT,
        done_at=_TIME_OR_NULL,
    )
    told = {"$ref": "#/components/schemas/Notification"}
    return {
        "Channels": an_object(["channels"], channels=an_array(channel)),
        "ChannelTest": an_object(
            ["ok"], ok={"type": "boolean"}, receipt=_TEXT, error=_TEXT, **{"class": {"enum": list(_CLASSES)}}
        ),
        "Notification": notification,
        "Notifications": an_object(["notifications"], notifications=an_array(told)),
        "Accepted": an_object(
            ["notifications"], notifications=an_array(an_object(["id", "channel"], id=_TEXT, channel=_TEXT))
        ),
        "Resent": an_object(["notification"], notification=told),
    }


DESCRIPTION = Description(
    tags=(
        {
            "name": "notifications",
            "description": "Channels, and what was sent through them.",
            "x-ko": "알림 채널과 발송 내역",
        },
    ),
    paths={
        "/api/v1/channels": {"get": _get_channels()},
        "/api/v1/channels/{name}/test": {"post": _post_test()},
        "/api/v1/notifications": {"get": _get_notifications(), "post": _post_notifications()},
        "/api/v1/notifications/{id}/resend": {"post": _post_resend()},
    },
    schemas=_schemas(),
)
