"""The exchange's days, with and without the package that knows them."""

from __future__ import annotations

from datetime import date

import pytest

from bongsu.calendars.book import Calendars
from bongsu.calendars.build import main
from bongsu.calendars.exchanges import ExchangeDays, read
from tests.unit.calendars.test_weekly import at


def test_days_are_stored_and_read_back() -> None:
    """A stored text gives the same days; another text is refused."""
    days = ExchangeDays(
        source="x 1", first=date(2026, 1, 1), last=date(2026, 12, 31), closed=frozenset({date(2026, 3, 4)})
    )
    assert read(days.text()) == days
    for text in ("", "[]", "{}", '{"source": 1, "first": null}', days.text().replace("2026-03-04", "2026-33-04")):
        with pytest.raises(ValueError):
            read(text)


def test_newer_days_reach_calendars_given_out_already() -> None:
    """A calendar in use closes on a day that was learnt later."""
    calendars = Calendars()
    krx = calendars.get("KRX")
    assert krx.is_open(at("2026-03-04 10:00"))
    calendars.learn(
        ExchangeDays(
            source="x 1", first=date(2026, 1, 1), last=date(2026, 12, 31), closed=frozenset({date(2026, 3, 4)})
        )
    )
    assert not krx.is_open(at("2026-03-04 10:00"))
    assert krx.is_open(at("2027-03-04 10:00"))


def test_without_the_package_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The builder ends with 1 and a sentence."""
    monkeypatch.setitem(__import__("sys").modules, "exchange_calendars", None)
    assert main(["2027"]) == 1
    assert "pip install 'bongsu[calendars]'" in capsys.readouterr().err
