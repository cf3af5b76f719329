"""The data feeds: what each should bring, and when it is late, wrong or incomplete.

A feed needs no entry: one that is pushed to us is learned. What is declared is held against what comes.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.duration import Duration
from bongsu.settings.parts import Section, told

Weight: TypeAlias = Annotated[float, Field(ge=0, le=100)]
FieldName: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]


class FeedField(Section):
    """What a field of an event must hold."""

    type: Literal["number", "text", "flag"] = told("number", en="Type of its values.", ko="값의 형식.")
    required: bool = told(True, en="Whether every event must carry it.", ko="모든 이벤트에 있어야 하는지 여부.")
    min: float | None = told(None, en="Smallest valid number.", ko="유효한 최솟값.")
    max: float | None = told(None, en="Largest valid number.", ko="유효한 최댓값.")
    values: list[str] = told(list, en="Valid texts; empty: any.", ko="허용하는 텍스트. 비우면 모두 허용.")

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise PydanticCustomError("bounds_order", "min must not be above max")
        return self


class FeedRoles(Section):
    """Which field is what; a feed that has no such field is not checked for it."""

    price: FieldName = told("price", en="Price of a trade.", ko="체결가.")
    size: FieldName = told("size", en="Size of a trade.", ko="체결 수량.")
    bid: FieldName = told("bid", en="Best bid.", ko="매수 호가.")
    ask: FieldName = told("ask", en="Best ask.", ko="매도 호가.")
    open: FieldName = told("open", en="Opening price.", ko="시가.")
    high: FieldName = told("high", en="Highest price.", ko="고가.")
    low: FieldName = told("low", en="Lowest price.", ko="저가.")
    close: FieldName = told("close", en="Closing price.", ko="종가.")
    volume: FieldName = told("volume", en="Volume since the session began.", ko="누적 거래량.")


class FeedWeights(Section):
    """How much each dimension weighs in the quality score."""

    completeness: Weight = told(1.0, en="Completeness.", ko="완전성.")
    accuracy: Weight = told(1.0, en="Accuracy.", ko="정확성.")
    timeliness: Weight = told(1.0, en="Timeliness.", ko="적시성.")
    consistency: Weight = told(1.0, en="Consistency.", ko="일관성.")

    @model_validator(mode="after")
    def _something_weighs(self) -> Self:
        if not self.completeness + self.accuracy + self.timeliness + self.consistency > 0:
            raise PydanticCustomError("no_weight", "at least one dimension must weigh something")
        return self


class Feed(Section):
    """One data feed."""

    title: str = told("", en="What screens call it; its name where empty.", ko="화면에 보이는 이름. 비우면 피드 이름.")
    symbols: list[FieldName] = told(list, en="Symbols that must come.", ko="들어와야 하는 종목.")
    symbols_file: str | None = told(
        None, en="File with further ones, a symbol a line.", ko="종목 목록 파일(한 줄에 하나)."
    )
    fields: dict[FieldName, FeedField] = told(
        dict, en="Its fields; empty: learned.", ko="필드 정의. 비우면 들어오는 이벤트에서 학습."
    )
    roles: FeedRoles = told(FeedRoles, en="Which field is what.", ko="필드의 역할.")
    tick: Annotated[float, Field(gt=0)] | Literal["krx"] | None = told(
        None, en="Price step: a number, or krx for Korea's table.", ko="호가 단위. 숫자 또는 krx(한국거래소 표)."
    )
    price_limit_percent: float | None = told(
        30.0,
        gt=0,
        en="Largest distance from the last session's close, %; null: none.",
        ko="직전 세션 종가에서 벗어날 수 있는 한도(%). null이면 보지 않음.",
    )
    spike_percent: float = told(
        1.0,
        ge=0,
        en="Distance from recent prices, %, below which nothing counts as a spike.",
        ko="최근 가격과의 차이가 이보다 작으면(%) 튀는 값으로 보지 않음.",
    )
    hours: str = told(
        "",
        en="When it is open: a calendar (KRX) or hours (weekday 09:00-15:30); empty: always.",
        ko="열려 있는 시간. 캘린더(KRX) 또는 시간(weekday 09:00-15:30). 비우면 항상.",
    )
    max_delay: Duration | None = told(
        None, en="Delay that is still on time; null: twice its usual 99th percentile.", ko="제때로 보는 최대 지연."
    )
    missing_after: Duration = told(
        Duration.parse("60s"),
        en="How long after opening a declared symbol that never came before may take.",
        ko="한 번도 들어온 적 없는 종목을 개장 후 기다리는 시간.",
    )
    grace: Duration = told(
        Duration.parse("2s"),
        en="How long a missing sequence number may still come.",
        ko="빠진 일련번호를 기다리는 시간.",
    )
    clock_tolerance: Duration = told(
        Duration.parse("1s"),
        en="How far ahead the sender's clock may be.",
        ko="보내는 쪽 시계가 앞설 수 있는 한도.",
    )
    weights: FeedWeights = told(FeedWeights, en="Weights of the dimensions.", ko="차원별 가중치.")
    redact: list[FieldName] = told(list, en="Fields never shown in examples.", ko="예시에 값을 보이지 않는 필드.")
