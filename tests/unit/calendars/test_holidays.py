"""Korean public holidays out of our table."""

from __future__ import annotations

from datetime import date

import pytest
from scripts import korean_holidays as script

from bongsu.calendars.holidays import dates, korean_holidays


def test_the_table_is_what_the_package_says() -> None:
    """The file in the repository is what the script writes from the installed package."""
    assert script.TABLE.read_text(encoding="utf-8") == script.text(), "stale: run scripts/korean_holidays.py"


@pytest.mark.parametrize(
    ("day", "off"),
    [
        ("2025-10-08", True),  # substitute for Chuseok
        ("2026-03-02", True),  # substitute for Independence Movement Day
        ("2026-06-03", True),  # local elections
        ("2026-07-17", True),  # Constitution Day, anew
        ("2025-07-17", False),
        ("2026-06-08", False),  # Memorial Day has no substitute
        ("2027-07-19", True),  # substitute for Constitution Day
    ],
)
def test_substitutes_and_decreed_days(day: str, off: bool) -> None:
    """Substitutes and elections are holidays; a Monday after Memorial Day isn't."""
    assert (date.fromisoformat(day) in korean_holidays()) == off


def test_a_date_is_refused_by_name() -> None:
    """A day that can't be read is named in the error."""
    assert dates(["2026-12-31"]) == {date(2026, 12, 31)}
    with pytest.raises(ValueError, match="'2026-13-01' is no day"):
        dates(["2026-13-01"])
