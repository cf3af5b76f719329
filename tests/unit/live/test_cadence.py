"""When frames go out, as arithmetic."""

from __future__ import annotations

import math

import pytest

from bongsu.live.cadence import Beat, Schedule


def fresh(now: float = 0.5) -> Schedule:
    """A one-second schedule that was sent in cell 0."""
    return Schedule(Beat(1.0), now=now)


def test_a_cell_begins_at_the_anchor() -> None:
    """Cells are counted from the anchor; a timer that fires a little early belongs to the new one."""
    beat = Beat(5.0, anchor=0.3)
    assert [beat.cell(moment) for moment in (0.29, 0.297, 0.3, 5.29, 5.31)] == [-1, 0, 0, 0, 1]
    assert beat.start(2) == pytest.approx(10.3)


def test_the_first_change_of_a_cell_goes_out_when_the_others_have_come() -> None:
    """Batches that follow within milliseconds share one frame."""
    plan = fresh()
    plan.changed(1.002)
    assert plan.due == pytest.approx(1.022)
    assert not plan.ready(1.022, touched=1.015)
    assert plan.due == pytest.approx(1.035)
    assert plan.ready(1.035, touched=1.015)


def test_a_stream_of_changes_delays_no_more_than_the_patience() -> None:
    """Who pushes all the time can't hold back a frame."""
    plan = fresh()
    plan.changed(1.0)
    now = plan.due
    while not plan.ready(now, touched=now - 0.001):
        now = plan.due
    assert now == pytest.approx(1.080)


def test_what_comes_after_the_frame_waits_for_the_next_cell() -> None:
    """Not before the next cell begins does a change matter."""
    plan = fresh()
    assert plan.listen == pytest.approx(0.995)
    assert plan.due == pytest.approx(1.150)
    plan.changed(1.003)
    assert plan.due == pytest.approx(1.023)
    assert plan.listen == math.inf


def test_leftovers_go_alone_when_nothing_fresh_comes() -> None:
    """A sample that arrives once isn't kept back for ever."""
    plan = fresh()
    assert plan.ready(plan.due, touched=0.6)


def test_after_silence_any_change_is_news() -> None:
    """A topic in which nothing happens costs nothing, and speaks at once when something does."""
    plan = fresh()
    plan.nothing()
    assert plan.due == math.inf
    plan.changed(7.4)
    assert plan.due == pytest.approx(7.42)


def test_short_intervals_have_short_waits() -> None:
    """At a tenth of a second the frame still goes out within its cell."""
    plan = Schedule(Beat(0.1), now=0.0)
    assert plan.due == pytest.approx(0.150)
    plan.changed(0.1)
    assert plan.due == pytest.approx(0.120)
