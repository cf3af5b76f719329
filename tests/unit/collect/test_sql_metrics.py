"""A statement's rows as samples."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bongsu.collect.sql_metrics import SqlPlan, samples_in
from bongsu.model.sample import Sample

PLAN = SqlPlan(name="open", sql="SELECT 1", url="", values={"n": "orders_open"}, labels=["market"])


def test_each_row_is_a_sample() -> None:
    """Values become samples, label columns labels; NULL is no value, and no label."""
    rows = [("naver", 3), (None, Decimal("1.5")), ("coupang", None)]
    assert samples_in(PLAN, ["market", "n"], rows) == [
        Sample(metric="orders_open", labels=(("market", "naver"),), value=3.0),
        Sample(metric="orders_open", labels=(), value=1.5),
    ]


def test_columns_name_metrics_where_none_is_named() -> None:
    """Without `values`, each column that is no label is a metric of its name."""
    plan = SqlPlan(name="all", sql="SELECT 1", url="", values={})
    assert [one.metric for one in samples_in(plan, ["a", "b"], [(1, 2)])] == ["a", "b"]


@pytest.mark.parametrize(("columns", "row"), [(["market"], ("x",)), (["market", "n"], ("x", "many"))])
def test_what_is_wrong_is_named(columns: list[str], row: tuple[object, ...]) -> None:
    """A missing column and a value that is no number are told with the statement's name and the column."""
    with pytest.raises(ValueError, match=r"open: .*'n'"):
        samples_in(PLAN, columns, [row])
