"""The shop's part of the OpenAPI document."""

from __future__ import annotations

from typing import Any

import msgspec

from bongsu.model.shop import ShopView

Json = dict[str, Any]

TAG: Json = {"name": "shop", "description": "The shop's own figures.", "x-ko": "쇼핑몰 지표"}


def paths(answer: Any) -> Json:
    """The routes; `answer` makes an operation of a summary, its Korean, a tag and the name of a schema."""
    return {
        "/api/v1/shop": {
            "get": answer(
                "The shop's newest figures: sales, hours, states, stock, and how they stand.",
                "쇼핑몰의 최신 지표를 조회합니다. 매출, 시간별 추이, 주문 상태, 재고와 조회 상태를 담고 있습니다.",
                "shop",
                "ShopView",
            )
        }
    }


def schemas() -> Json:
    """The shapes, from the structs themselves."""
    _, found = msgspec.json.schema_components([ShopView], ref_template="#/components/schemas/{name}")
    return dict(found)
