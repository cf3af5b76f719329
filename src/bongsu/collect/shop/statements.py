"""The statements of a round: a handful, each along an index, none of which reads who somebody is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Integer,
    Numeric,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    distinct,
    extract,
    func,
    literal,
    not_,
    null,
    select,
    text,
    true,
    tuple_,
)

from bongsu.collect.shop.mapping import Found, ShopTables, is_flag, time_kind

LOWEST = 20
"""Products listed as low, and as running out."""
_HOUR = 3600


class Statements:
    """Every statement for the tables that were found; parameters are bound when they are run."""

    def __init__(self, tables: ShopTables, dialect: Dialect) -> None:
        self._tables = tables
        self._sqlite = dialect.name == "sqlite"
        self._orders = tables.orders
        self._market = self._text(self._orders.get("marketplace"))
        self._status = self._text(self._orders.get("status"))
        self._confirmed = self._text(self._orders.get("confirmed"))
        self._when = tables.moment
        self._alive = alive(self._orders)
        self.skips = tables.orders.indexed("marketplace", "status")
        """Whether the pairs of marketplace and status can be found without reading all orders."""

    # -- orders ------------------------------------------------------------------------------------------------

    def orders(self) -> Select[Any]:
        """By marketplace, hour, status and confirmation: orders, money, newest moment. Range `start` ≤ t < `end`."""
        return (
            select(
                self._market,
                self._hour(self._when, "start"),
                self._status,
                self._confirmed,
                func.count(),
                func.coalesce(func.sum(self._orders["total"]), 0),
                func.max(self._when),
            )
            .where(self._alive, self._within(self._when))
            .group_by(text("1"), text("2"), text("3"), text("4"))
        )

    def finished(self) -> Select[Any] | None:
        """By marketplace, status and confirmation: orders of the range `start` ≤ t < `end`."""
        if self._orders.get("status") is None:
            return None
        return (
            select(self._market, self._status, self._confirmed, func.count())
            .where(self._alive, self._within(self._when))
            .group_by(text("1"), text("2"), text("3"))
        )

    def customers(self) -> Select[Any] | None:
        """By marketplace: buyers of the range, each counted once. The keys stay in the database."""
        buyer = self._orders.get("buyer")
        if buyer is None:
            return None
        return (
            select(self._market, func.count(distinct(buyer)))
            .where(self._alive, self._within(self._when))
            .group_by(text("1"))
        )

    def refunds(self) -> Select[Any] | None:
        """By marketplace: how many orders were refunded in the range, and how much."""
        amount, moment = self._orders.get("refunded"), self._orders.get("refunded_at")
        if amount is None or moment is None:
            return None
        return (
            select(self._market, func.count(), func.coalesce(func.sum(amount), 0))
            .where(self._alive, self._within(moment))
            .group_by(text("1"))
        )

    def recent(self) -> Select[Any] | None:
        """By marketplace: orders of the range; None where payments have no time of day."""
        if self._tables.days_only:
            return None
        return select(self._market, func.count()).where(self._alive, self._within(self._when)).group_by(text("1"))

    def waiting(self) -> Select[Any] | None:
        """By marketplace, status and confirmation: orders in one of `words` at one of `markets`, however old.

        With how many of them were ordered before `day_ago` and `two_days_ago`. None without an index on marketplace and
        status: all orders would have to be read.
        """
        if not self.skips:
            return None
        since = self._orders.get("ordered_at")
        since = self._when if since is None else since
        within = [
            self._status.in_(bindparam("words", expanding=True)),
            self._market.in_(bindparam("markets", expanding=True)),
        ]
        paid = self._orders.get("paid_at")
        return (
            select(
                self._market,
                self._status,
                self._confirmed,
                func.count(),
                older(since, "day_ago"),
                older(since, "two_days_ago"),
            )
            .where(self._alive, *([paid.is_not(None)] if paid is not None else []), *within)
            .group_by(text("1"), text("2"), text("3"))
        )

    def pairs(self) -> Any:
        """The pairs of marketplace and status that occur.

        PostgreSQL would read the whole index for DISTINCT: stepping from pair to pair costs one look-up each
        (the "loose index scan" of its wiki).
        """
        if not self.skips:
            return None
        market, status = self._orders["marketplace"], self._orders["status"]
        if self._sqlite:
            return select(market, status).where(self._alive).distinct()
        plain = select(market.label("m"), status.label("s")).where(self._alive).order_by(market, status).limit(1)
        steps = plain.subquery()
        walk = select(steps.c.m, steps.c.s).cte("pairs", recursive=True)
        following = (
            select(market.label("m"), status.label("s"))
            .where(self._alive, tuple_(market, status) > tuple_(walk.c.m, walk.c.s))
            .order_by(market, status)
            .limit(1)
            .lateral("following")
        )
        walk = walk.union_all(select(following.c.m, following.c.s).select_from(walk.join(following, true())))
        return select(walk.c.m, walk.c.s)

    # -- stock -------------------------------------------------------------------------------------------------

    def stock(self) -> Select[Any] | None:
        """One row: products, low ones, sold-out ones, value of what is in stock."""
        products = self._tables.products
        if products is None:
            return None
        stock, safety = products["stock"], self._safety(products)
        cost = products.get("cost")
        value: ColumnElement[Any] = (
            null() if cost is None else func.sum(case((stock > 0, stock * cast(cost, Numeric(20, 4))), else_=0))
        )
        return select(
            func.count(),
            func.sum(case((and_(stock > 0, stock <= safety), 1), else_=0)),
            func.sum(case((stock <= 0, 1), else_=0)),
            value,
        ).where(on_sale(products))

    def low(self) -> Select[Any] | None:
        """The products that are low or sold out, emptiest first: SKU, name, stock, safety stock."""
        products = self._tables.products
        if products is None:
            return None
        stock, safety = products["stock"], self._safety(products)
        return (
            select(self._text(products.get("sku")), self._text(products.get("name")), stock, safety)
            .where(on_sale(products), stock <= safety)
            .order_by(stock, text("1"))
            .limit(LOWEST)
        )

    def running_out(self) -> Select[Any] | None:
        """The products whose stock lasts shortest at their sales since `start`: SKU, name, stock, pieces sold."""
        products, lines, order_key = self._tables.products, self._tables.lines, self._orders.get("id")
        if products is None or lines is None or order_key is None or products.get("id") is None:
            return None
        sold = (
            select(lines["product"].label("product"), func.sum(lines["quantity"]).label("pieces"))
            .select_from(self._orders.table.join(lines.table, lines["order"] == order_key))
            .where(self._alive, self._within(self._when))
            .group_by(lines["product"])
            .cte("sold")
        )
        stock = products["stock"]
        return (
            select(self._text(products.get("sku")), self._text(products.get("name")), stock, sold.c.pieces)
            .select_from(products.table.join(sold, sold.c.product == products["id"]))
            .where(on_sale(products), stock > 0, sold.c.pieces > 0)
            .order_by(stock * 1.0 / sold.c.pieces, text("1"))
            .limit(LOWEST)
        )

    # -- parts -------------------------------------------------------------------------------------------------

    def _within(self, column: SqlColumn[Any]) -> ColumnElement[bool]:
        return and_(column >= self._moment("start"), column < self._moment("end"))

    def _moment(self, name: str) -> ColumnElement[Any]:
        return bindparam(name, type_=String()) if self._sqlite else bindparam(name)

    def _hour(self, column: SqlColumn[Any], start: str) -> ColumnElement[Any]:
        """Whole hours since `start`; 0 where the column has no time of day."""
        if time_kind(column) == "date":
            return literal(0)
        if self._sqlite:
            passed = cast(func.strftime("%s", column), Integer) - cast(
                func.strftime("%s", bindparam(start, type_=String())), Integer
            )
            return passed // _HOUR
        return cast(func.floor(extract("epoch", column - bindparam(start, type_=column.type)) / _HOUR), Integer)

    def _safety(self, products: Found) -> ColumnElement[Any]:
        column = products.get("safety")
        default = bindparam("low_stock", type_=Integer())
        return default if column is None else func.coalesce(column, default)

    @staticmethod
    def _text(column: SqlColumn[Any] | None) -> ColumnElement[Any]:
        if column is None:
            return literal("")
        return column if isinstance(column.type, String) else cast(column, String)


def alive(found: Found) -> ColumnElement[bool]:
    """Rows that aren't deleted softly; spelled as indexes over living rows are."""
    column = found.get("deleted")
    if column is None:
        return true()
    return not_(column) if is_flag(column) else column.is_(None)


def on_sale(products: Found) -> ColumnElement[bool]:
    """Products that live and are on sale."""
    active = products.get("active")
    return alive(products) if active is None else and_(alive(products), active)


def older(column: SqlColumn[Any], name: str) -> ColumnElement[Any]:
    """How many rows lie before the moment of that parameter."""
    kind = String() if time_kind(column) == "text" else column.type
    return func.sum(case((column < bindparam(name, type_=kind), 1), else_=0))
