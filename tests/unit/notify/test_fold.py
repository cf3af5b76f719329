"""Backlogs made short."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bongsu.model.alert import Alert, Delivery, Notice
from bongsu.notify.fold import LISTED, Fold, Folded, next_of
from tests.fakes.notify import T0, alert, notice, over

NOW = T0 + 3_600_000


def waiting(*notices: Notice) -> list[Delivery]:
    """As they stand in the outbox."""
    return [Delivery(notice=one, next_at=one.at) for one in notices]


def folded(*notices: Notice) -> Folded:
    """What follows from these, oldest first."""
    fold = Fold()
    fold.add(waiting(*notices))
    return fold.result(now=NOW)


def names(result: Folded) -> list[str]:
    """Of what is dropped."""
    return [one.notice.id for one in result.dropped]


def test_only_the_newest_of_an_open_alert() -> None:
    """Fire and repetitions of what still burns: the newest goes out."""
    result = folded(notice("1"), notice("2", kind="repeated"), notice("3", kind="escalated", step=2))
    assert (names(result), result.summary) == (["1", "2"], None)


def test_a_single_end_speaks_for_itself() -> None:
    """One alert that came and went is its resolve notice, not a summary of one."""
    result = folded(notice("fire"), notice("end", over(alert())))
    assert (names(result), result.summary) == (["fire"], None)


def test_several_ends_are_one_summary() -> None:
    """Alerts over meanwhile, heard of before or not, become one summary; worst first."""
    bad = alert("b", severity="critical")
    result = folded(notice("fire a"), notice("end a", over(alert())), notice("end b", over(bad)))
    assert names(result) == ["fire a", "end a", "end b"]
    assert result.summary is not None
    assert [one.id for one in result.summary.alerts] == ["b", "a"]
    assert (result.summary.kind, result.summary.at, result.summary.more) == ("summary", NOW, 0)


def test_a_summary_grows() -> None:
    """An older summary that still waits is taken into the new one, those it only counted too."""
    old = notice("s", over(alert("1")), over(alert("2")), kind="summary", more=7)
    result = folded(old, notice("fire"), notice("end", over(alert())))
    assert names(result) == ["s", "fire", "end"]
    assert result.summary is not None
    assert (len(result.summary.alerts), result.summary.more) == (3, 7)


def test_a_lone_summary_stays() -> None:
    """Folding again what is folded changes nothing."""
    assert folded(notice("s", over(alert("1")), over(alert("2")), kind="summary")) == Folded(summary=None, dropped=())
    assert folded(notice("open"), notice("m", kind="message", alerts=())) == Folded(summary=None, dropped=())


def test_the_list_is_bounded() -> None:
    """Of many the worst are listed and the rest counted."""
    result = folded(*(notice(f"{n}", over(alert(f"{n}"))) for n in range(100)))
    assert result.summary is not None
    assert (len(result.summary.alerts), result.summary.more) == (LISTED, 100 - LISTED)


def test_the_same_backlog_gives_the_same_id() -> None:
    """A crash between putting the summary and dropping what it tells of makes no second summary."""
    both = [notice("1", over(alert("1"))), notice("2", over(alert("2")))]
    first, again = folded(*both), folded(*both)
    assert first.summary is not None
    assert again.summary is not None
    assert first.summary.id == again.summary.id


def test_which_goes_next() -> None:
    """The worst, but an older one of the same alert before it."""
    fire = notice("fire", alert("1"), at=T0)
    end = notice("end", over(alert("1", severity="critical")), at=T0 + 1)
    other = notice("other", alert("2", severity="error"), at=T0)
    assert next_of(waiting(end, other, fire)).notice.id == "fire"
    assert next_of(waiting(other, fire)).notice.id == "other"


@st.composite
def backlogs(draw: st.DrawFn) -> list[Notice]:
    """Notices of a few alerts, alone and in groups, in the order of their lives."""
    alive: dict[str, Alert] = {name: alert(name) for name in "abcde"}
    made: list[Notice] = []
    for number in range(draw(st.integers(0, 12))):
        chosen = draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=3, unique=True))
        for name in chosen:
            if alive[name].open and draw(st.booleans()):
                alive[name] = over(alive[name])
        kind = draw(st.sampled_from(["fired", "repeated", "resolved", "acknowledged", "message"]))
        told = () if kind == "message" else tuple(alive[name] for name in chosen)
        made.append(notice(f"{number}", *told, kind=kind, alerts=told, severity="warning", at=T0 + number))
    return made


@given(backlogs())
def test_nothing_is_lost_by_folding(backlog: list[Notice]) -> None:
    """After folding, each alert's last known phase is still told, exactly where it was told before; nothing is told as
    open that is over."""
    result = folded(*backlog)
    dropped = set(names(result))
    left = [one for one in backlog if one.id not in dropped] + ([result.summary] if result.summary else [])
    before = {one.id: one.phase for each in backlog for one in each.alerts}
    after = {one.id: one.phase for each in left for one in each.alerts}
    assert after == before
    assert [one for one in backlog if one.kind == "message"] == [one for one in left if one.kind == "message"]
    told_open = [one.id for each in left for one in each.alerts if one.open and before[one.id] != "resolved"]
    assert set(told_open) == {name for name, phase in before.items() if phase != "resolved"}
    assert sum(1 for one in left if one.kind == "summary") <= 1
