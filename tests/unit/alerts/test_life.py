"""The life of an alert, step by step."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from bongsu.alerts.life import (
    MINUTE,
    Steps,
    Temper,
    acknowledge,
    fingerprint_of,
    muted,
    next_moment,
    on_push,
    on_signal,
    on_time,
    resolve,
    unacknowledge,
)
from bongsu.alerts.signal import Condition, Push, Signal
from bongsu.model.alert import Alert

T0 = 1_763_778_000_000
CYCLE: tuple[Condition, Condition] = ("breach", "clear")


@pytest.fixture
def new_id() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"a{next(numbers)}"


def signal(condition: Condition, at: int = T0, **more: Any) -> Signal:
    told: dict[str, Any] = {
        "rule": "cpu",
        "metric": "cpu_usage",
        "severity": "warning",
        "message": "CPU is high",
        "value": 91.0,
    }
    return Signal(**(told | {"condition": condition, "at": at} | more))


def changes(steps: Steps) -> list[str]:
    return [step.change for step in steps]


def firing(new_id: Callable[[], str], **more: Any) -> Alert:
    return on_signal(None, signal("breach", **more), new_id=new_id)[-1].alert


def test_without_a_duration_a_breach_fires_at_once(new_id: Callable[[], str]) -> None:
    """for 0: one step, and the alert is firing since that moment."""
    (step,) = on_signal(None, signal("breach"), new_id=new_id)
    assert (step.change, step.alert.phase, step.alert.fired_at) == ("fired", "firing", T0)


def test_the_words_of_all_languages_stay_together(new_id: Callable[[], str]) -> None:
    """Beginning, firing and each newer value: the message and its translations are of the same signal."""
    waiting = on_signal(None, signal("breach", for_ms=10, messages=(("ko", "높음 1"),)), new_id=new_id)[-1].alert
    assert waiting.said("ko") == "높음 1"
    fired = on_signal(waiting, signal("breach", T0 + 10, messages=(("ko", "높음 2"),)), new_id=new_id)[-1].alert
    assert (fired.phase, fired.said("ko"), fired.said("en")) == ("firing", "높음 2", "CPU is high")
    newer = signal("breach", T0 + 20, message="CPU is higher", messages=(("ko", "높음 3"),))
    assert on_signal(fired, newer, new_id=new_id)[-1].alert.said("ko") == "높음 3"


def test_with_a_duration_it_is_pending_until_that_has_passed(new_id: Callable[[], str]) -> None:
    """Pending first; time alone makes it fire, at the right moment and once."""
    (step,) = on_signal(None, signal("breach", for_ms=MINUTE), new_id=new_id)
    pending = step.alert
    assert (step.change, next_moment(pending)) == ("pending", T0 + MINUTE)
    assert on_time(pending, T0 + MINUTE - 1) == ()
    (fired,) = on_time(pending, T0 + MINUTE)
    assert (fired.change, fired.alert.pending_at, fired.alert.fired_at) == ("fired", T0, T0 + MINUTE)
    assert on_time(fired.alert, T0 + 10 * MINUTE) == ()


@pytest.mark.parametrize("condition", ["clear", "no_data"])
def test_a_breach_that_ends_early_tells_nobody(condition: Condition, new_id: Callable[[], str]) -> None:
    """A pending alert whose condition ends is dropped without ever firing."""
    (step,) = on_signal(None, signal("breach", for_ms=MINUTE), new_id=new_id)
    (dropped,) = on_signal(step.alert, signal(condition, T0 + 1000), new_id=new_id)
    assert (dropped.change, dropped.alert.fired_at) == ("dropped", None)


def test_clearing_resolves_and_the_next_breach_is_a_new_alert(new_id: Callable[[], str]) -> None:
    """Same fingerprint, another id."""
    alert = firing(new_id)
    (over,) = on_signal(alert, signal("clear", T0 + 1000, value=40.0), new_id=new_id)
    assert (over.change, over.alert.resolved_at, over.alert.value) == ("resolved", T0 + 1000, 40.0)
    again = on_signal(over.alert, signal("breach", T0 + 2000), new_id=new_id)[-1].alert
    assert again.fingerprint == alert.fingerprint
    assert again.id != alert.id


def test_the_same_again_changes_nothing(new_id: Callable[[], str]) -> None:
    """A repeated signal with the same value is no step; another value is an update, not a second firing."""
    alert = firing(new_id)
    assert on_signal(alert, signal("breach", T0 + 1000), new_id=new_id) == ()
    assert changes(on_signal(alert, signal("breach", T0 + 1000, value=95.0), new_id=new_id)) == ["updated"]


def test_keep_firing_holds_through_a_short_calm(new_id: Callable[[], str]) -> None:
    """A clear within the hold doesn't resolve; a breach meanwhile starts no new alert."""
    alert = firing(new_id, keep_firing_ms=MINUTE)
    (held,) = on_signal(alert, signal("clear", T0 + 1000), new_id=new_id)
    assert (held.change, held.alert.phase) == ("updated", "firing")
    (back,) = on_signal(held.alert, signal("breach", T0 + 2000), new_id=new_id)
    assert (back.change, back.alert.clearing_at) == ("updated", None)
    assert changes(on_time(held.alert, T0 + 1000 + MINUTE)) == ["resolved"]


def test_silence_of_the_series_keeps_an_alert_open(new_id: Callable[[], str]) -> None:
    """No data is no good news: the alert says so and stays; data that is well again resolves it."""
    alert = firing(new_id)
    (quiet,) = on_signal(alert, signal("no_data", T0 + 1000), new_id=new_id)
    assert (quiet.alert.phase, quiet.alert.no_data) == ("firing", True)
    assert on_signal(quiet.alert, signal("no_data", T0 + 2000), new_id=new_id) == ()
    (over,) = on_signal(quiet.alert, signal("clear", T0 + 3000), new_id=new_id)
    assert (over.change, over.alert.no_data) == ("resolved", False)


def test_coming_and_going_becomes_flapping_and_is_told_once(new_id: Callable[[], str]) -> None:
    """The fourth beginning within a quarter of an hour flaps: it is held until five minutes of calm."""
    temper = Temper(flaps=3)
    alert: Alert | None = None
    told: list[str] = []
    at = T0
    for _ in range(6):
        for condition in CYCLE:
            at += 10_000
            for step in on_signal(alert, signal(condition, at), new_id=new_id, temper=temper):
                told.append(step.change)
                alert = step.alert
    assert told.count("fired") == 3
    assert told.count("resolved") == 2
    assert alert is not None
    assert alert.flapping
    assert changes(on_time(alert, at + temper.steady, temper=temper)) == ["steady", "resolved"]


def test_acknowledging_has_a_limit_and_can_be_taken_back(new_id: Callable[[], str]) -> None:
    """Acknowledged until its time is up, then firing again; only an open alert can be acknowledged."""
    alert = firing(new_id)
    (step,) = acknowledge(alert, by="kim", note="looking", until=T0 + MINUTE, now=T0 + 1)
    assert (step.alert.phase, step.by, step.alert.note) == ("acknowledged", "kim", "looking")
    assert changes(on_time(step.alert, T0 + MINUTE)) == ["unacknowledged"]
    assert changes(unacknowledge(step.alert, by="kim", note="", now=T0 + 2)) == ["unacknowledged"]
    (over,) = resolve(step.alert, by="kim", note="restarted", now=T0 + 3)
    assert acknowledge(over.alert, by="kim", note="", until=None, now=T0 + 4) == ()


def test_a_pushed_alert_lives_as_long_as_it_is_repeated(new_id: Callable[[], str]) -> None:
    """It fires at once, is updated by repeats, and ends five minutes after the last of them, or when told."""
    push = Push(
        at=T0, severity="warning", message="CPU 사용률이 높습니다.", metric="cpu_usage", value=85.5, threshold=80.0
    )
    alert = on_push(None, push, new_id=new_id)[-1].alert
    (again,) = on_push(alert, replace(push, at=T0 + 4 * MINUTE, value=90.0), new_id=new_id)
    assert (again.change, again.alert.value) == ("updated", 90.0)
    assert on_time(again.alert, T0 + 5 * MINUTE) == ()
    assert changes(on_time(again.alert, T0 + 9 * MINUTE)) == ["resolved"]
    assert changes(on_push(again.alert, replace(push, at=T0 + 5 * MINUTE, resolved=True), new_id=new_id)) == [
        "resolved"
    ]
    assert on_push(None, replace(push, resolved=True), new_id=new_id) == ()


def test_silences_and_inhibitions_are_steps_only_when_they_change(new_id: Callable[[], str]) -> None:
    """Muted and unmuted, each once."""
    alert = firing(new_id)
    steps = muted(alert, silenced_by="s1", inhibited_by="", now=T0 + 1)
    assert changes(steps) == ["silenced"]
    assert muted(steps[-1].alert, silenced_by="s2", inhibited_by="", now=T0 + 2) == ()
    assert changes(muted(steps[-1].alert, silenced_by="", inhibited_by="x", now=T0 + 3)) == ["unsilenced", "inhibited"]


def test_fingerprints_tell_troubles_apart() -> None:
    """Rule, metric and labels make it; the message only where there is no metric."""
    assert fingerprint_of("r", "m", (("a", "b"),)) == fingerprint_of("r", "m", (("a", "b"),), "another sentence")
    assert fingerprint_of("", "", (), "one") != fingerprint_of("", "", (), "two")
    assert fingerprint_of("r", "m", (("a", "bc"),)) != fingerprint_of("r", "m", (("ab", "c"),))


def test_time_never_goes_back_within_a_life(new_id: Callable[[], str]) -> None:
    """A clock set back doesn't reorder an alert's history."""
    alert = firing(new_id)
    (step,) = on_signal(alert, signal("clear", T0 - 5000), new_id=new_id)
    assert step.at >= alert.changed_at
