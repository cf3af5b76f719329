"""Open or closed at an instant, and how long in between."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.calendars.book import Calendars, Plan
from bongsu.calendars.calendar import Calendar, Hours
from bongsu.calendars.weekly import parse
from tests.unit.calendars.test_weekly import at

SHOP = Plan(
    sessions={"open": "weekday not holiday 10:00-20:00; sat 10:00-17:00", "night": "fri 22:00-02:00"},
    closed=["2026-12-31"],
    days={"2026-11-19": "12:00-15:00"},
)
SHOP_CALENDAR = Calendar("shop", SHOP.hours({"kr": (), "krx": (), "none": ()}))
MINUTE = 60_000


@pytest.fixture(scope="module")
def calendars() -> Calendars:
    """The built-in calendars and a shop's."""
    return Calendars({"shop": SHOP})


@pytest.mark.parametrize(
    ("name", "moment", "session"),
    [
        ("KRX", "2026-11-23 08:29", None),
        ("KRX", "2026-11-23 08:30", "before"),
        ("KRX", "2026-11-23 08:40", None),
        ("KRX", "2026-11-23 09:00", "regular"),
        ("KRX", "2026-11-23 15:30", None),
        ("KRX", "2026-11-23 15:59", "after"),
        ("KRX", "2026-11-22 10:00", None),  # Sunday
        ("KRX", "2026-05-01 10:00", None),  # Labour Day
        ("KRX", "2026-12-31 10:00", None),
        ("KRX", "2028-12-29 10:00", None),  # the last weekday of a year that ends on a Sunday
        ("KRX", "2026-06-03 10:00", None),  # elections
        ("KRX", "2026-07-17 10:00", None),  # Constitution Day
        ("KRX", "2026-01-02 09:30", "before"),  # first day of the year
        ("KRX", "2026-01-02 10:00", "regular"),
        ("KRX", "2026-11-19 09:10", None),  # exam day
        ("KRX", "2026-11-19 16:29", "regular"),
        ("NXT", "2026-11-23 08:49", "pre"),
        ("NXT", "2026-11-23 15:25", None),
        ("NXT", "2026-11-23 19:59", "after"),
        ("NXT", "2026-11-23 20:00", None),
        ("shop", "2026-11-28 02:30", None),
        ("shop", "2026-11-28 01:59", "night"),
        ("shop", "2026-11-28 16:59", "open"),
        ("shop", "2026-11-19 11:00", None),  # a day of its own
        ("shop", "2026-11-19 14:00", "open"),
        ("shop", "2026-12-25 11:00", None),
        ("shop", "2026-12-31 11:00", None),
    ],
)
def test_sessions(calendars: Calendars, name: str, moment: str, session: str | None) -> None:
    """Each calendar is in the right session, late days, closed days and nights included."""
    calendar = calendars.get(name)
    found = calendar.session(at(moment))
    assert (found.name if found else None) == session
    assert calendar.is_open(at(moment)) == (session is not None)


def test_next_open_and_close(calendars: Calendars) -> None:
    """Over a weekend the next opening is Monday's; while open the next close is today's."""
    krx = calendars.get("KRX")
    friday = at("2026-11-27 16:00")
    assert krx.next_open(friday) == at("2026-11-30 08:30")
    assert krx.next_close(at("2026-11-27 10:00")) == at("2026-11-27 15:30")
    assert calendars.get("24/7").next_close(friday) is None


def test_open_time_leaves_out_what_is_closed(calendars: Calendars) -> None:
    """From Friday noon to Monday ten the exchange is open 210 minutes, twenty after, ten before, sixty on Monday."""
    krx = calendars.get("KRX")
    start, end = at("2026-11-27 12:00"), at("2026-11-30 10:00")
    assert krx.open_ms(start, end) == (210 + 20 + 10 + 60) * MINUTE
    assert krx.open_ms(end, start) == -(210 + 20 + 10 + 60) * MINUTE
    assert calendars.get("24/7").open_ms(start, end) == end - start


@given(minutes=st.lists(st.integers(0, 30 * 24 * 60), min_size=1, max_size=20))
def test_arrays_answer_as_single_instants_do(minutes: list[int]) -> None:
    """The vectorised forms agree with asking minute by minute."""
    calendar = SHOP_CALENDAR
    begin = round(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
    instants = np.array([begin + minute * MINUTE for minute in minutes], np.int64)
    assert calendar.open_many(instants).tolist() == [calendar.is_open(int(one)) for one in instants]
    last = int(max(minutes))
    every = np.arange(begin, begin + last * MINUTE, MINUTE, dtype=np.int64)
    assert calendar.open_ms(begin, begin + last * MINUTE) == int(calendar.open_many(every).sum()) * MINUTE


def test_the_clock_keeps_its_zero_when_years_are_added(calendars: Calendars) -> None:
    """What was read from the open clock stays comparable after a later year was asked for."""
    calendar = Calendar("shop", SHOP.hours({"kr": (), "krx": (), "none": ()}))
    moment = np.array([at("2026-11-27 12:00")], np.int64)
    before = calendar.open_clock(moment)
    calendar.open_clock(np.array([at("2031-11-27 12:00")], np.int64))
    assert calendar.open_clock(moment) == before


def test_never_open_is_answered() -> None:
    """A pattern that no day fulfils is closed throughout."""
    never = Calendar("never", Hours(sessions={"open": parse("holiday", holidays=())}))
    now = at("2026-11-27 12:00")
    assert not never.is_open(now)
    assert never.next_open(now) is None
    assert never.open_ms(now, now + MINUTE) == 0
    assert not never.open_many(np.array([now], np.int64)).any()


def test_before_the_tables_begin_all_is_closed(calendars: Calendars) -> None:
    """An instant before 2015, or at the beginning of time, is closed and harms nothing."""
    assert not calendars.get("KRX").is_open(0)
    assert calendars.get("KRX").open_ms(0, 1) == 0


def test_unknown_names_and_faulty_plans_are_told(calendars: Calendars) -> None:
    """Errors name what there is and what is wrong."""
    with pytest.raises(KeyError, match="no calendar 'NYSE'; there are 24/7, KRX, NXT, shop"):
        calendars.get("NYSE")
    for plan, words in (
        (Plan(sessions={}), "needs a session"),
        (Plan(sessions={"open": "workdays"}), "not understood"),
        (Plan(sessions={"open": ""}, closed=["31.12."]), "is no day"),
        (Plan(sessions={"open": ""}, days={"2026-11-19": "mon"}), "may name times only"),
    ):
        with pytest.raises(ValueError, match=words):
            plan.check()


def test_a_plan_may_lengthen_the_exchange() -> None:
    """Sessions of an exchange are configurable: a plan of its name, on the exchange's days, goes first."""
    longer = Calendars({"KRX": Plan(sessions={"regular": "weekday not holiday 08:00-20:00"}, holidays="krx")})
    assert longer.get("KRX").is_open(at("2026-11-23 19:00"))
    assert not longer.get("KRX").is_open(at("2026-05-01 19:00"))
    assert longer.follows_exchange


def test_only_what_is_asked_for_follows_the_exchange() -> None:
    """Nobody asks for exchange days as long as no calendar in use needs them."""
    calendars = Calendars({"shop": SHOP})
    calendars.get("shop").is_open(at("2026-11-23 19:00"))
    assert not calendars.follows_exchange
    calendars.get("NXT")
    assert calendars.follows_exchange


def test_holidays_of_the_exchange_differ_from_the_public_ones(calendars: Calendars) -> None:
    """1 May closes the exchange and is no public holiday."""
    assert date(2026, 5, 1) in calendars.holidays("krx")
    assert date(2026, 5, 1) not in calendars.holidays("kr")
