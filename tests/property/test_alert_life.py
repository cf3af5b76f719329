"""Random lives of an alert keep the promises: nothing resolves that never fired, and history only goes forward."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from bongsu.alerts.life import Steps, acknowledge, on_push, on_signal, on_time, resolve, unacknowledge
from bongsu.alerts.signal import Push, Signal
from bongsu.model.alert import Alert, Transition

T0 = 1_763_778_000_000

BY_PEOPLE = ("time", "ack", "unack", "resolve")


def lives(*events: str) -> st.SearchStrategy[list[tuple[str, int, float]]]:
    """What may happen to one alert: the event, milliseconds since the one before, a value."""
    one = st.tuples(
        st.sampled_from([*events, *BY_PEOPLE]), st.integers(-5_000, 600_000), st.sampled_from([0.0, 50.0, 99.0])
    )
    return st.lists(one, max_size=40)


EVENTS = lives("breach", "clear", "no_data") | lives("push", "push-over")
"""A rule's alert and a pushed one never share a fingerprint."""


def apply(event: str, alert: Alert | None, now: int, value: float, lasts: int, ids: itertools.count[int]) -> Steps:
    def new_id() -> str:
        return f"a{next(ids)}"

    if event in ("breach", "clear", "no_data"):
        told = Signal(
            rule="r",
            metric="m",
            condition=event,  # type: ignore[arg-type]
            at=now,
            severity="error",
            message="m",
            value=value,
            for_ms=lasts,
            keep_firing_ms=lasts // 3,
        )
        return on_signal(alert, told, new_id=new_id)
    if event.startswith("push"):
        push = Push(at=now, severity="info", message="m", metric="m", value=value, resolved=event == "push-over")
        return on_push(alert, push, new_id=new_id)
    if alert is None:
        return ()
    if event == "time":
        return on_time(alert, now)
    if event == "ack":
        return acknowledge(alert, by="kim", note="", until=now + lasts if lasts else None, now=now)
    end = unacknowledge if event == "unack" else resolve
    return end(alert, by="kim", note="", now=now)


@given(EVENTS, st.sampled_from([0, 30_000, 300_000]))
def test_every_life_is_a_legal_one(events: list[tuple[str, int, float]], lasts: int) -> None:
    """No resolve without a fire, one fire a life, ids never come back, times never go back, steps tell changes."""
    history: list[Transition] = []
    alert: Alert | None = None
    now, ids = T0, itertools.count()
    for event, passes, value in events:
        now += passes
        for step in apply(event, alert, now, value, lasts, ids):
            history.append(step)
            alert = step.alert
    all_lives = [list(steps) for _, steps in itertools.groupby(history, key=lambda step: step.alert.id)]
    assert len({life[0].alert.id for life in all_lives}) == len(all_lives)
    for life in all_lives:
        told = [step.change for step in life]
        assert told.count("fired") <= 1
        assert told.count("resolved") + told.count("dropped") <= 1
        if "resolved" in told:
            assert told.index("fired") < told.index("resolved") == len(told) - 1
        if "dropped" in told:
            assert told == ["pending", "dropped"]
        if "acknowledged" in told:
            assert told.index("fired") < told.index("acknowledged")
        assert [step.at for step in life] == sorted(step.at for step in life)
        assert all(step.alert.changed_at == step.at for step in life)


@given(EVENTS, st.sampled_from([0, 30_000]))
def test_the_machine_never_repeats_itself(events: list[tuple[str, int, float]], lasts: int) -> None:
    """The same event a second time at the same moment is no news."""
    alert: Alert | None = None
    now, ids = T0, itertools.count()
    for event, passes, value in events:
        now += passes
        for step in apply(event, alert, now, value, lasts, ids):
            alert = step.alert
        if event not in ("push", "ack"):
            again = apply(event, alert, now, value, lasts, ids)
            assert [step.change for step in again if step.change != "updated"] == []
            for step in again:
                alert = step.alert
