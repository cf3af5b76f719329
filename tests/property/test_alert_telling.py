"""Random histories of many alerts keep the promises of who hears what."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from bongsu.alerts.book import Book
from bongsu.alerts.life import DEFAULT_TEMPER, acknowledge, fingerprint_of, on_signal, on_time, resolve
from bongsu.alerts.policy import Pace, Plan, Policy, Step
from bongsu.alerts.signal import Signal
from bongsu.alerts.silencing import in_force
from bongsu.alerts.turn import Turn
from bongsu.model.alert import Notice, Silence, Transition

T0 = 1_763_778_000_000
CHANNELS = ("slack", "email", "telegram")
PLAN = Plan(
    channels=CHANNELS,
    pace=Pace(wait=100, interval=60_000, burst=3),
    policies=(
        Policy(
            name="p",
            steps=(
                Step(channels=("slack",)),
                Step(wait=120_000, channels=("email",)),
                Step(wait=60_000, everyone=True),
            ),
            repeat=300_000,
        ),
    ),
)
HOSTS = ("a", "b", "c")
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["breach", "breach", "clear", "no_data", "ack", "resolve", "silence", "wait", "restart"]),
        st.sampled_from(HOSTS),
        st.sampled_from([0, 50, 1_000, 61_000, 400_000]),
    ),
    max_size=40,
)


@dataclass
class World:
    """The book, with everything kept and said; time is moved on by hand."""

    now: int = T0
    book: Book = field(default_factory=lambda: Book(temper=DEFAULT_TEMPER))
    silences: list[Silence] = field(default_factory=list)
    steps: list[Transition] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    ids: itertools.count[int] = field(default_factory=itertools.count)

    def turn(self) -> Turn:
        return Turn(
            self.book,
            plan=PLAN,
            temper=DEFAULT_TEMPER,
            silences=[one for one in self.silences if in_force(one, self.now)],
            now=self.now,
            new_id=lambda: f"i{next(self.ids)}",
        )

    def keep(self, turn: Turn) -> None:
        turn.finish()
        self.steps += turn.transitions()
        self.notices += turn.notices
        for alert in turn.changed.values():
            self.book.put(alert, PLAN)
        for group, moment in turn.looks:
            self.book.schedule(("group", group), moment)
        for group in turn.spoke:
            self.book.speak(group, self.now, PLAN.pace.burst)

    def pass_time(self, until: int) -> None:
        """Move on, stopping wherever something is due, as the worker does."""
        ends = [silence.ends_at for silence in self.silences]
        for _ in range(2_000):
            moments = [moment for moment in (self.book.next_at(), *ends) if moment is not None and moment > self.now]
            moment = min([*moments, until])
            self.now = moment
            turn = self.turn()
            turn.look_at_all()
            for kind, name in self.book.due(moment):
                alert = turn.get(name)
                if kind == "group":
                    turn.look_at(name)
                elif alert is not None:
                    turn.add(on_time(alert, moment))
            self.keep(turn)
            if moment == until:
                return

    def restart(self) -> None:
        """Everything but what was kept is forgotten."""
        kept = {step.alert.id: step.alert for step in self.steps}
        self.book = Book(temper=DEFAULT_TEMPER)
        for alert in kept.values():
            self.book.put(alert, PLAN)
        turn = self.turn()
        turn.look_at_all()
        for group in turn.groups():
            turn.look_at(group)
        self.keep(turn)

    def happen(self, event: str, host: str) -> None:
        turn = self.turn()
        known = turn.newest(fingerprint_of("r", "m", (("host", host),)))
        if event in ("breach", "clear", "no_data"):
            signal = Signal(
                rule="r",
                metric="m",
                condition=event,  # type: ignore[arg-type]
                at=self.now,
                severity="error",
                message=host,
                labels=(("host", host),),
                value=1.0,
            )
            turn.add(on_signal(known, signal, new_id=lambda: f"i{next(self.ids)}"))
        elif event == "silence":
            self.silences.append(
                Silence(
                    id=f"s{next(self.ids)}",
                    matchers=(("host", host),),
                    starts_at=self.now,
                    ends_at=self.now + 200_000,
                    reason="",
                    by="",
                    created_at=self.now,
                )
            )
            turn.look_at_all()
        elif event == "ack" and known is not None:
            turn.add(acknowledge(known, by="k", note="", until=None, now=self.now))
        elif event == "resolve" and known is not None:
            turn.add(resolve(known, by="k", note="", now=self.now))
        self.keep(turn)


def lived(events: list[tuple[str, str, int]]) -> World:
    world = World()
    for event, host, passes in events:
        world.pass_time(world.now + passes)
        if event == "restart":
            world.restart()
        elif event != "wait":
            world.happen(event, host)
    world.pass_time(world.now + 1_000)
    return world


@given(EVENTS)
def test_nobody_hears_an_end_without_a_beginning(events: list[tuple[str, str, int]]) -> None:
    """Per channel and alert: the first word is that it is open, `resolved` comes at most once, and nothing after it."""
    world = lived(events)
    heard: dict[tuple[str, str], list[str]] = {}
    for notice in world.notices:
        for alert in notice.alerts:
            heard.setdefault((notice.channel, alert.id), []).append(notice.kind)
            assert (alert.phase == "resolved") == (notice.kind == "resolved")
    for kinds in heard.values():
        assert kinds[0] in ("fired", "escalated", "repeated")
        assert kinds.count("resolved") <= 1
        if "resolved" in kinds:
            assert kinds.index("resolved") == len(kinds) - 1
    for (channel, alert_id), kinds in heard.items():
        last = world.book.get(alert_id)
        over = [step for step in world.steps if step.alert.id == alert_id and step.change == "resolved"]
        if over and last is None:
            assert kinds[-1] == "resolved", f"{channel} was left believing that {alert_id} is open"


@given(EVENTS)
def test_nothing_is_said_of_what_is_silenced(events: list[tuple[str, str, int]]) -> None:
    """While a silence means an alert, no message tells of it but its end; and repeats never come before their time."""
    world = lived(events)
    told: dict[tuple[str, str], int] = {}
    for notice in world.notices:
        for alert in notice.alerts:
            if notice.kind not in ("resolved", "acknowledged"):
                quiet = [one for one in world.silences if ("host", alert.message) in one.matchers]
                assert not any(in_force(one, notice.at) for one in quiet if one.created_at < notice.at)
            if notice.kind == "repeated":
                since = notice.at - told[notice.channel, alert.id]
                lapsed = alert.audible_at is not None and told[notice.channel, alert.id] < alert.audible_at
                joined = any(other.id != alert.id for other in notice.alerts)
                assert since >= 300_000 or lapsed or joined
            told[notice.channel, alert.id] = notice.at


@given(EVENTS)
def test_history_only_goes_forward(events: list[tuple[str, str, int]]) -> None:
    """Steps of an alert never go back in time, ids of notices are unique, and no acknowledged alert is called out."""
    world = lived(events)
    for alert_id in {step.alert.id for step in world.steps}:
        times = [step.at for step in world.steps if step.alert.id == alert_id]
        assert times == sorted(times)
    assert len({notice.id for notice in world.notices}) == len(world.notices)
    for notice in world.notices:
        if notice.kind in ("fired", "escalated", "repeated"):
            assert all(alert.phase == "firing" for alert in notice.alerts)


@given(EVENTS)
def test_the_pace_is_kept(events: list[tuple[str, str, int]]) -> None:
    """Of one severity a group makes at most three messages a minute to a channel, repeats and calls apart."""
    world = lived([event for event in events if event[0] != "restart"])
    for channel in CHANNELS:
        moments = sorted(
            {one.at for one in world.notices if one.channel == channel and one.kind in ("fired", "resolved")}
        )
        for first, fourth in zip(moments, moments[3:], strict=False):
            assert fourth - first >= 60_000
