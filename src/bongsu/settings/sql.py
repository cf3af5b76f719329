"""Metrics by SQL: one statement, one or many series."""

from __future__ import annotations

import re
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, SecretStr, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.duration import Duration
from bongsu.settings.parts import Section, told

_READS = re.compile(r"\s*(select|with|values|show)\b", re.IGNORECASE)
MetricName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$")]


def _reading(statement: str) -> str:
    if not _READS.match(statement):
        raise PydanticCustomError("sql_reads", "must begin with SELECT or WITH")
    return statement


def _often_enough(interval: Duration) -> Duration:
    if not 1_000 <= interval <= 86_400_000:
        raise PydanticCustomError("duration_range", "must be {least} to {most}", {"least": "1s", "most": "1d"})
    return interval


class SqlMetric(Section):
    """One statement that is run at intervals, in a transaction that can't change anything."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")] = told(
        ..., en="Its name, unique among them.", ko="이름(중복 불가)."
    )
    sql: Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_reading)] = told(
        ...,
        en="The statement; each row gives a sample for each value column.",
        ko="실행할 SQL. 행마다 값 컬럼 수만큼 샘플이 생깁니다.",
    )
    values: dict[str, MetricName] = told(
        dict,
        en='Column to metric: {"open": "orders_open"}; without, each column that is no label is a metric.',
        ko='컬럼과 메트릭 이름. 예: {"open": "orders_open"}. 비우면 라벨이 아닌 컬럼 이름을 그대로 씁니다.',
    )
    labels: list[str] = told(list, en="Columns that become labels.", ko="라벨로 쓸 컬럼.")
    unit: Annotated[str, StringConstraints(max_length=20)] = told(
        "", en="Unit shown behind the figure.", ko="화면에 표시할 단위."
    )
    interval: Annotated[Duration, AfterValidator(_often_enough)] = told(
        Duration.parse("60s"), en="How often it is run.", ko="실행 간격."
    )
    timeout_seconds: float = told(
        5.0, ge=0.1, le=300, en="Seconds after which the database ends it.", ko="SQL 제한 시간(초)."
    )
    rows: int = told(1_000, ge=1, le=10_000, en="Rows read at most.", ko="읽을 최대 행 수.")
    url: SecretStr | None = told(
        None, en="The database's address; the shop's where empty.", ko="DB 주소. 비우면 shop.url을 씁니다."
    )

    @model_validator(mode="after")
    def _no_column_twice(self) -> Self:
        if set(self.values) & set(self.labels):
            raise PydanticCustomError("column_twice", "a column is either a value or a label")
        return self
