"""The catalogue's chapter on the shop."""

from __future__ import annotations

from functools import partial

from bongsu.model.metric import Metric

_gauge = partial(Metric, kind="gauge", topic="shop")
_by_market = partial(_gauge, labels=("marketplace",))


def metrics(currency: str = "KRW") -> tuple[Metric, ...]:
    """The shop's metrics, money in that currency."""
    return (*_sales(currency), *_orders(), *_stock(currency), *_reading())


def _sales(currency: str) -> tuple[Metric, ...]:
    return (
        _by_market(
            name="shop_orders_today",
            title_ko="오늘 주문",
            title_en="Orders today",
            ko="자정(쇼핑몰 시간대) 이후 결제된 주문 수입니다.",
            en="Orders paid since midnight in the shop's time zone.",
        ),
        _by_market(
            name="shop_revenue_today",
            unit=currency,
            title_ko="오늘 매출",
            title_en="Revenue today",
            ko="자정 이후 결제된 금액의 합계로, 환불을 빼기 전입니다.",
            en="Money paid since midnight, before refunds.",
        ),
        _by_market(
            name="shop_net_revenue_today",
            unit=currency,
            title_ko="오늘 순매출",
            title_en="Net revenue today",
            ko="오늘 매출에서 오늘 처리된 취소·환불 금액을 뺀 값입니다.",
            en="Today's revenue less what was cancelled or refunded today.",
        ),
        _by_market(
            name="shop_customers_today",
            title_ko="오늘 구매 고객",
            title_en="Customers today",
            ko="오늘 결제한 고객을 마켓별로 한 번씩만 센 수입니다. 비회원은 세지 않습니다.",
            en="Buyers of today, each counted once per marketplace; guests aren't counted.",
        ),
        _gauge(
            name="shop_average_order_value",
            unit=currency,
            title_ko="평균 주문 금액",
            title_en="Average order",
            ko="오늘 매출을 오늘 주문 수로 나눈 값입니다.",
            en="Today's revenue divided by today's orders.",
        ),
        _gauge(
            name="shop_cancel_rate",
            unit="%",
            title_ko="취소율",
            title_en="Cancel rate",
            ko="오늘 결제된 주문 가운데 지금 취소 상태인 비율입니다.",
            en="Share of today's orders that are cancelled by now.",
        ),
    )


def _orders() -> tuple[Metric, ...]:
    return (
        _gauge(
            name="shop_orders_by_state",
            labels=("marketplace", "state"),
            title_ko="상태별 주문",
            title_en="Orders by state",
            ko="마켓과 상태별 주문 수입니다. 대기·처리중은 전체 기간, 나머지는 최근 shop.state_days일만 셉니다.",
            en="Orders by marketplace and state: open ones however old, finished ones of the last shop.state_days.",
        ),
        _gauge(
            name="shop_orders_unshipped",
            labels=("over",),
            title_ko="미발송 주문",
            title_en="Orders to send",
            ko="아직 처리를 시작하지 않은 주문 수를 경과 시간별로 센 값입니다.",
            en="Orders that nobody has begun to process, by how long ago they were placed.",
        ),
        _by_market(
            name="shop_orders_per_minute",
            unit="1/min",
            title_ko="분당 주문",
            title_en="Orders a minute",
            ko="최근 10분 동안 결제된 주문 수를 1분 단위로 나타낸 값입니다.",
            en="Orders paid during the last ten minutes, per minute.",
        ),
        _by_market(
            name="shop_orders_per_minute_expected",
            unit="1/min",
            title_ko="예상 분당 주문",
            title_en="Expected orders a minute",
            ko="지난주 같은 요일(40%), 어제(30%), 최근 30일 중앙값(30%)으로 예상한 분당 주문 수입니다.",
            en="Expected from the same weekday last week (40 %), yesterday (30 %) and the median of 30 days (30 %).",
        ),
        _by_market(
            name="shop_seconds_since_last_order",
            unit="s",
            title_ko="마지막 주문 후 경과",
            title_en="Since the last order",
            ko="마지막 주문이 결제된 뒤 지난 시간입니다.",
            en="Time since the last order was paid.",
        ),
        _by_market(
            name="shop_orders_missing",
            title_ko="들어오지 않은 주문",
            title_en="Orders that didn't come",
            ko="마지막 주문 이후 평소라면 들어왔을 주문 수입니다. 3 이상이면 우연으로 보기 어렵습니다.",
            en="Orders usually placed in a silence as long as the present one; from 3 on it is hardly chance.",
        ),
    )


def _stock(currency: str) -> tuple[Metric, ...]:
    return (
        _gauge(
            name="shop_products",
            title_ko="판매 상품",
            title_en="Products",
            ko="판매 중인 상품 수입니다.",
            en="Products on sale.",
        ),
        _gauge(
            name="shop_products_low",
            title_ko="재고 부족",
            title_en="Low stock",
            ko="재고가 안전 재고 이하로 남은 상품 수입니다(품절 제외).",
            en="Products at or below their safety stock, sold-out ones apart.",
        ),
        _gauge(
            name="shop_products_sold_out",
            title_ko="품절",
            title_en="Sold out",
            ko="재고가 없는 상품 수입니다.",
            en="Products with nothing in stock.",
        ),
        _gauge(
            name="shop_stock_value",
            unit=currency,
            title_ko="재고 가치",
            title_en="Stock value",
            ko="재고 수량에 단가를 곱한 합계입니다.",
            en="Pieces in stock times their cost, summed.",
        ),
        _gauge(
            name="shop_stock_days_left",
            unit="d",
            title_ko="가장 빠른 소진",
            title_en="First to run out",
            ko="최근 30일 판매 속도로 가장 먼저 소진될 상품의 남은 일수입니다.",
            en="Days until the first product runs out at its sales of the last 30 days.",
        ),
    )


def _reading() -> tuple[Metric, ...]:
    return (
        _gauge(
            name="shop_up",
            title_ko="쇼핑몰 DB",
            title_en="Shop database",
            ko="쇼핑몰 DB를 읽을 수 있으면 1, 아니면 0입니다.",
            en="1 while the shop's database can be read, else 0.",
        ),
        _gauge(
            name="shop_round_ms",
            unit="ms",
            title_ko="DB 조회 시간",
            title_en="Round time",
            ko="쇼핑몰 DB를 한 번 조회하는 데 걸린 시간입니다.",
            en="How long one round of questions to the shop's database took.",
        ),
        _gauge(
            name="shop_interval_seconds",
            unit="s",
            title_ko="DB 조회 간격",
            title_en="Round interval",
            ko="지금 적용 중인 조회 간격입니다. DB가 느리면 늘어납니다.",
            en="The present interval between rounds; a slow database stretches it.",
        ),
    )


METRICS: tuple[Metric, ...] = metrics()
"""With money in KRW, as documents show them."""
