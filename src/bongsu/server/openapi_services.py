"""The services' part of REST's description; shapes come from the structs themselves."""

from __future__ import annotations

import msgspec

from bongsu.http.errors import TooSlow
from bongsu.model.request import Requests, ServiceView
from bongsu.server.openapi_blocks import EXAMPLE_TIME, Description, Json, an_array, an_object, json_answer, operation


def _schemas() -> Json:
    _, found = msgspec.json.schema_components([Requests, ServiceView], ref_template="#/components/schemas/{name}")
    services = an_array({"$ref": "#/components/schemas/ServiceView"})
    return {**found, "Services": an_object(["at", "services"], at={"type": "integer"}, services=services)}


DESCRIPTION = Description(
    tags=({"name": "services", "description": "Requests that services answered.", "x-ko": "서비스 요청 지표"},),
    paths={
        "/api/v1/requests": {
            "post": operation(
                "Tell of requests that a service answered, one by one or summed up by route.",
                "서비스가 처리한 요청을 보냅니다. 요청 하나씩 또는 경로별로 합쳐서 보낼 수 있습니다.",
                "services",
                json_answer("Counted; faulty items are listed.", "Receipt", {"accepted": 1, "refused": []}),
                *(400, TooSlow.status, 413, 415, 422, 429),
                requestBody={
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": an_array({"$ref": "#/components/schemas/Requests"}),
                            "example": [{"service": "checkout", "route": "POST /orders", "ms": 41.5, "status": 200}],
                        }
                    },
                },
            )
        },
        "/api/v1/services": {
            "get": operation(
                "How every service does: the last minute, its worst routes, and its availability.",
                "모든 서비스의 최근 1분 지표, 느리거나 실패하는 경로, 가용성을 조회합니다.",
                "services",
                json_answer("The services, the worst first.", "Services", {"at": EXAMPLE_TIME, "services": []}),
                *(400, 503),
            )
        },
    },
    schemas=_schemas(),
)
