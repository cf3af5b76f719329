"""The shop's section: its database, and what its tables and columns are called there."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, SecretStr

from bongsu.settings.parts import Section, told
from bongsu.settings.zones import known_zone

State: TypeAlias = Literal["unpaid", "pending", "processing", "completed", "cancelled", "returned", "exchanged"]
"""What a word in the status column can be made to mean."""


class OrderColumns(Section):
    """Names of the order table's columns; found by their usual names where not given."""

    marketplace: str | None = told(None, en="Marketplace of the order.", ko="주문이 들어온 마켓.")
    number: str | None = told(None, en="Order number.", ko="주문 번호.")
    buyer: str | None = told(
        None, en="Opaque key of the buyer; only counted.", ko="구매자를 구분하는 키. 개수만 셉니다."
    )
    status: str | None = told(None, en="Status, in the marketplace's word.", ko="마켓이 쓰는 주문 상태값.")
    confirmed: str | None = told(None, en="Naver's placeOrderStatus.", ko="네이버의 발주 확인 상태(placeOrderStatus).")
    total: str | None = told(None, en="Money of the order.", ko="주문 금액.")
    refunded: str | None = told(None, en="Money given back.", ko="환불 금액.")
    refunded_at: str | None = told(None, en="When it was given back.", ko="환불 시각.")
    paid_at: str | None = told(None, en="When it was paid.", ko="결제 시각.")
    ordered_at: str | None = told(None, en="When it was ordered.", ko="주문 시각.")
    deleted: str | None = told(
        None, en="Soft deletion: a boolean, or a time that is empty.", ko="소프트 삭제 여부(boolean 또는 삭제 시각)."
    )
    id: str | None = told(None, en="Key that order lines refer to.", ko="주문 상세가 참조하는 키.")


class ProductColumns(Section):
    """Names of the product table's columns."""

    id: str | None = told(None, en="Key that order lines refer to.", ko="주문 상세가 참조하는 키.")
    sku: str | None = told(None, en="Stock keeping unit.", ko="SKU.")
    name: str | None = told(None, en="Name.", ko="상품명.")
    cost: str | None = told(None, en="Cost of one, for the stock's value.", ko="단가(재고 가치 계산용).")
    stock: str | None = told(None, en="Pieces in stock.", ko="재고 수량.")
    safety: str | None = told(None, en="At or below this it is low.", ko="안전 재고. 이 수량 이하면 부족.")
    active: str | None = told(None, en="Whether it is on sale.", ko="판매 여부.")
    deleted: str | None = told(None, en="Soft deletion.", ko="소프트 삭제 여부.")


class LineColumns(Section):
    """Names of the order lines' columns."""

    order: str | None = told(None, en="The order's key.", ko="주문 키.")
    product: str | None = told(None, en="The product's key.", ko="상품 키.")
    quantity: str | None = told(None, en="Pieces.", ko="수량.")


class OrderTable(Section):
    """Where orders are."""

    table: str | None = told(None, en="Table (schema.table where needed).", ko="테이블(필요하면 schema.table).")
    columns: OrderColumns = told(OrderColumns, en="Columns.", ko="컬럼.")


class ProductTable(Section):
    """Where products are."""

    table: str | None = told(None, en="Table (schema.table where needed).", ko="테이블(필요하면 schema.table).")
    columns: ProductColumns = told(ProductColumns, en="Columns.", ko="컬럼.")


class LineTable(Section):
    """Where order lines are."""

    table: str | None = told(None, en="Table (schema.table where needed).", ko="테이블(필요하면 schema.table).")
    columns: LineColumns = told(LineColumns, en="Columns.", ko="컬럼.")


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
