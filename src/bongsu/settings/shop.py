"""The shop's section: its database, and what its tables and columns are called there."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, SecretStr

from bongsu.settings.parts import Section, told
from bongsu.settings.zones import known_zone

State: TypeAlias = Literal["unpaid", "pending", "processing", "completed", "cancelled", "returned", "exchanged"]
"""What a word in the status column can be made to mean."""


OrderColumn: TypeAlias = Literal[
    "marketplace",
    "number",
    "buyer",
    "status",
    "confirmed",
    "total",
    "refunded",
    "refunded_at",
    "paid_at",
    "ordered_at",
    "deleted",
    "id",
]
"""`buyer`: an opaque key, only counted; `confirmed`: Naver's placeOrderStatus; `deleted`: a boolean or a moment."""
ProductColumn: TypeAlias = Literal["id", "sku", "name", "cost", "stock", "safety", "active", "deleted"]
LineColumn: TypeAlias = Literal["order", "product", "quantity"]


class OrderTable(Section):
    """Where orders are."""

    table: str | None = told(None, en="Table (schema.table where needed).", ko="테이블(필요하면 schema.table).")
    columns: dict[OrderColumn, str] = told(
        dict,
        en='What columns are called, where not by a usual name: {"paid_at": "settled_on"}; also marketplace, number, '
        "buyer, status, confirmed, total, refunded, refunded_at, ordered_at, deleted, id.",
        ko='흔한 이름이 아닌 컬럼만 적습니다. 예: {"paid_at": "settled_on"}. 그 밖에 marketplace, number, buyer, '
        "status, confirmed, total, refunded, refunded_at, ordered_at, deleted, id.",
    )


class ProductTable(Section):
    """Where products are."""

    table: str | None = told(None, en="Table (schema.table where needed).", ko="테이블(필요하면 schema.table).")
    columns: dict[ProductColumn, str] = told(
        dict,
        en="Likewise: id, sku, name, cost, stock, safety, active, deleted.",
        ko="위와 같음: id, sku, name, cost, stock, safety, active, deleted.",
    )


class LineTable(Section):
    """Where order lines are."""

    table: str | None = told(None, en="Table (schema.table where needed).", ko="테이블(필요하면 schema.table).")
    columns: dict[LineColumn, str] = told(
        dict, en="Likewise: order, product, quantity.", ko="위와 같음: order, product, quantity."
    )


class Shop(Section):
    """The shop's own database, read and never written."""

    url: SecretStr | None = told(
        None,
        en="Its address: postgresql://user:password@host:5434/shop, or sqlite:///shop.db. Read only.",
        ko="쇼핑몰 DB 주소. 예: postgresql://user:password@host:5434/shop 또는 sqlite:///shop.db. 읽기만 합니다.",
    )
    interval_seconds: float = told(
        5.0,
        ge=1,
        le=3_600,
        en="Seconds between two rounds; a slow database stretches it.",
        ko="조회 간격(초). DB가 느리면 자동으로 늘어남.",
    )
    timeout_seconds: float = told(
        3.0, ge=0.1, le=60, en="Seconds after which the database ends a statement.", ko="SQL 한 건의 제한 시간(초)."
    )
    timezone: Annotated[str, AfterValidator(known_zone)] | None = told(
        None,
        en="Whose midnight begins the day; monitoring.timezone where empty.",
        ko="하루의 기준 시간대. 비우면 monitoring.timezone.",
    )
    stored_timezone: Annotated[str, AfterValidator(known_zone)] | None = told(
        None,
        en="Zone of times that are stored without one; that of the day where empty.",
        ko="시간대 없이 저장된 시각의 시간대. 비우면 하루의 기준 시간대와 같음.",
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = told("KRW", en="ISO 4217 code.", ko="통화(ISO 4217).")
    orders: OrderTable = told(OrderTable, en="Orders.", ko="주문.")
    products: ProductTable = told(ProductTable, en="Products.", ko="상품.")
    lines: LineTable = told(LineTable, en="Order lines.", ko="주문 상세.")
    states: dict[State, list[str]] = told(
        dict,
        en='Further words of the status column: {"pending": ["접수"]}; they go before the built-in ones.',
        ko='상태값 추가 매핑. 예: {"pending": ["접수"]}. 기본 매핑보다 우선.',
    )
    state_days: int = told(
        7,
        ge=1,
        le=90,
        en="Days back that finished orders are counted in the states.",
        ko="완료·취소·반품·교환 주문을 집계하는 기간(일).",
    )
    low_stock: int = told(
        5,
        ge=0,
        le=1_000_000,
        en="Pieces at or below which a product is low, where no column says it.",
        ko="안전 재고 컬럼이 없을 때 재고 부족으로 보는 수량.",
    )
