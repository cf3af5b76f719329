"""The shop's part of REST's description; its shapes come from the structs themselves."""

from __future__ import annotations

from typing import Any

import msgspec

from bongsu.model.shop import ShopView
from bongsu.server.openapi_blocks import Description, Json, json_answer, operation


def _schemas() -> Json:
    _, found = msgspec.json.schema_components([ShopView], ref_template="#/components/schemas/{name}")
    schemas: dict[str, Any] = dict(found)
    return schemas


DESCRIPTION = Description(
    tags=({"name": "shop", "description": "The shop's own figures.", "x-ko": "쇼핑몰 지표"},),
    paths={
        "/api/v1/shop": {
            "get": operation(
                "The shop's newest figures: sales, hours, states and stock, and how fresh they are.",
                "쇼핑몰의 최신 지표(매출, 시간별 추이, 주문 상태, 재고)와 조회 상태를 조회합니다.",
                "shop",
                json_answer("The figures; `health` says how they stand.", "ShopView"),
                400,
            )
        }
    },
    schemas=_schemas(),
)
