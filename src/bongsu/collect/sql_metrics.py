"""Metrics by SQL: a statement of the settings, run at its interval for reading alone, its rows turned into samples."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import structlog
from sqlalchemy import text

from bongsu.collect.shop.database import ShopDatabase
from bongsu.model.metric import Metric
from bongsu.model.sample import Sample, labels_of
from bongsu.settings.model import Settings

_log = structlog.get_logger(__name__)
_LABEL_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlPlan:
    """One statement: `values` maps columns to metrics (empty: each column that is no label is a metric)."""

    name: str
    sql: str
    url: str
    interval: float = 60.0
    timeout_seconds: float = 5.0
    rows: int = 1_000
    values: Mapping[str, str]
    labels: Sequence[str] = ()
    unit: str = ""


def plans_of(settings: Settings) -> list[SqlPlan]:
    """The statements that the settings name; one without a database of its own reads the shop's."""
    found = []
    for one in settings.sql_metrics:
        url = one.url or settings.shop.url
        if url is None:
            _log.warning("sql_metric_without_database", name=one.name, action="set its url, or shop.url")
            continue
        found.append(
            SqlPlan(
                name=one.name,
                sql=one.sql,
                url=url.get_secret_value(),
                interval=one.interval.seconds,
                timeout_seconds=one.timeout_seconds,
                rows=one.rows,
                values=one.values,
                labels=one.labels,
                unit=one.unit,
            )
        )
    return found


class SqlCollector:
    """Implements the port `Collector`, in a thread. The scheduler counts and logs what fails."""

    def __init__(self, plan: SqlPlan) -> None:
        self.name = f"sql:{plan.name}"
        self.interval = plan.interval
        self.timeout = plan.timeout_seconds + 10
        self.metrics = tuple(Metric(name=name, unit=plan.unit) for name in plan.values.values())
        """What the catalogue should know."""
        self._plan = plan
        self._lock = threading.Lock()
        self._database: ShopDatabase | None = None
        self._cut = False

    def collect(self) -> Iterable[Sample]:
        """Run the statement once.

        Raises:
            ShopError: the database doesn't answer, is too slow, or refuses.
            ValueError: a column is missing, or a value is no number.
        """
        with self._lock:
            if self._database is None:
                self._database = ShopDatabase(self._plan.url, timeout_seconds=self._plan.timeout_seconds)
            with self._database.reading() as connection:
                result = connection.execute(text(self._plan.sql))
                columns = list(result.keys())
                rows = [tuple(row) for row in result.fetchmany(self._plan.rows + 1)]
        if len(rows) > self._plan.rows and not self._cut:
            _log.warning("sql_metric_cut", name=self._plan.name, rows=self._plan.rows, action="raise rows, or group")
        self._cut = len(rows) > self._plan.rows
        return samples_in(self._plan, columns, rows[: self._plan.rows])

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()
            self._database = None


def samples_in(plan: SqlPlan, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[Sample]:
    """The samples of a statement's rows. NULL is no value; a label that is NULL is left out.

    Raises:
        ValueError: a named column isn't there, or a value is no number.
    """
    for wanted in (*plan.values, *plan.labels):
        if wanted not in columns:
            raise ValueError(f"sql_metrics {plan.name}: the statement gives no column {wanted!r} (it has {columns})")
    values = plan.values or {column: column for column in columns if column not in plan.labels}
    place = {column: columns.index(column) for column in (*values, *plan.labels)}
    found = []
    for row in rows:
        given = {label: row[place[label]] for label in plan.labels}
        labels = labels_of({label: str(value)[:_LABEL_LENGTH] for label, value in given.items() if value is not None})
        for column, metric in values.items():
            value = row[place[column]]
            if value is None:
                continue
            if not isinstance(value, (int, float, Decimal)):
                raise ValueError(f"sql_metrics {plan.name}: column {column!r} holds {type(value).__name__}, no number")
            found.append(Sample(metric=metric, labels=labels, value=float(value)))
    return found
