"""Calendars in the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.settings.test_faults import faults


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"calendars": {"shop": {}}}', "a calendar needs a session"),
        ('{"calendars": {"shop": {"sessions": {"open": "workday 9-18"}}}}', "'workday' at 1 of 'workday 9-18'"),
        ('{"calendars": {"shop": {"sessions": {"open": ""}, "closed": ["soon"]}}}', "'soon' is no day"),
        ('{"calendars": {"24/7": {"sessions": {"open": ""}}}}', "other than 24/7"),
        ('{"calendars": {"shop": {"sessions": {"open": ""}, "timezone": "Mars/Olympus"}}}', "time zone"),
    ],
)
def test_faulty_calendars_are_told_at_the_start(tmp_path: Path, text: str, words: str) -> None:
    """A calendar that can't be read is a fault of the settings, with the word that is wrong."""
    assert any(words in line for line in faults(tmp_path, text))
