"""What is told of a rule's conditions, and when."""

from __future__ import annotations

import asyncio
import itertools

import msgspec
import numpy as np
import pytest

from bongsu.alerts.evaluation import evaluator as module
from bongsu.alerts.evaluation.metrics import METRICS
from bongsu.alerts.thresholds import rules_of
from bongsu.model.alert import Alert
from bongsu.model.errors import Unavailable
from bongsu.model.sample import Batch, labels_of
from bongsu.settings.coming import Thresholds
from tests.unit.alerts.evaluation.stand import Stand, rule

SEOUL_MONDAY_0859 = 1_795_391_940_000
"""Monday 23 November 2026, 08:59 in Seoul."""


def alert(rule_id: str = "cpu_usage-threshold", metric: str = "cpu_usage", **more: object) -> Alert:
    """An alert as it was kept before a restart."""
    news: dict[str, object] = {
        "id": "1",
        "fingerprint": "f",
        "source": "rule",
        "severity": "warning",
        "phase": "firing",
        "message": "m",
        "pending_at": 1_763_777_000_000,
        "changed_at": 1_763_777_000_000,
        "rule": rule_id,
        "metric": metric,
        "value": 91.0,
    }
    return Alert(**{**news, **more})  # type: ignore[arg-type]


@pytest.mark.guide("G014")
async def test_a_crossing_is_told_at_once_and_its_end_at_the_clearing_value() -> None:
    """One signal when the value passes the threshold, none in the band, one when the clearing value is reached."""
    stand = await Stand(rule(value=80, clear=75, lasting="30s", severity="error", channels=["slack"])).start()
    for value in (70.0, 80.0, 80.5, 76.0, 79.0, 75.0, 78.0):
        await stand.send(value)
    await stand.stop()
    breach, clear = stand.told
    assert (breach.condition, breach.value, breach.threshold, breach.unit) == ("breach", 80.5, 80.0, "%")
    assert (breach.for_ms, breach.severity, breach.channels) == (30_000, "error", ("slack",))
    assert breach.message == "cpu_usage: 80.5%, above 80%"
    assert (clear.condition, clear.value) == ("clear", 75.0)
    assert clear.at > breach.at


async def test_a_crossing_waits_for_no_beat() -> None:
    """After a pause a sample is evaluated within turns of the loop; what follows within 50 ms is taken together."""
    stand = await Stand(rule()).start()
    await stand.wait(0.5)
    stand.evaluator.observe(stand.batch("cpu_usage", 90.0))
    await stand.wait(0)
    assert stand.conditions() == ["breach"]
    before = stand.figure("rounds_total")
    for value in (91.0, 70.0, 92.0, 60.0):
        stand.evaluator.observe(stand.batch("cpu_usage", value))
        await stand.wait(0.01)
    await stand.wait(0.05)
    assert stand.conditions() == ["breach", "clear"]
    assert stand.figure("rounds_total") - before <= 2
    await stand.stop()


@pytest.mark.parametrize("phase", [0.1, 0.4, 0.6, 0.9, 0.95])
async def test_readings_once_a_second_make_a_round_a_second(phase: float) -> None:
    """However they lie to the beat; when they end, rounds go on by the beat."""
    stand = await Stand(rule()).start()
    await stand.wait(phase)
    before = stand.figure("rounds_total")
    for _ in range(20):
        await stand.send(70.0)
        await stand.wait(0.94)
    while_sent = stand.figure("rounds_total") - before
    assert while_sent <= 23
    await stand.wait(20)
    assert 19 <= stand.figure("rounds_total") - before - while_sent <= 21
    await stand.stop()


async def test_a_standing_breach_is_told_again_sparingly() -> None:
    """A newer value at most every five seconds, the same value each minute."""
    stand = await Stand(rule()).start()
    for value in range(81, 101):
        await stand.send(float(value))
        await stand.wait(0.94)
    moments = [stand.told[0].at, *(signal.at for signal in stand.told[1:])]
    assert len(moments) >= 3
    assert all(5_000 <= later - sooner <= 6_100 for sooner, later in itertools.pairwise(moments))
    assert [signal.value for signal in stand.told] == sorted({signal.value for signal in stand.told if signal.value})
    told = len(stand.told)
    for _ in range(130):
        await stand.send(100.0)
        await stand.wait(0.94)
    await stand.stop()
    assert 2 <= len(stand.told) - told <= 4


@pytest.mark.parametrize(
    ("no_data", "told"),
    [
        ("ignore", ["breach", "no_data", "breach"]),
        ("resolve", ["breach", "clear", "breach"]),
        ("fire", ["breach", "breach"]),
    ],
)
async def test_silence_while_a_breach_stands(no_data: str, told: list[str]) -> None:
    """A series that falls silent in breach is told as the rule wants; samples bring it back."""
    stand = await Stand(rule(no_data=no_data, no_data_after="10s")).start()
    await stand.send(90.0)
    await stand.wait(12)
    await stand.send(95.0)
    await stand.wait(1.1)
    await stand.stop()
    assert stand.conditions() == told


async def test_silence_can_be_the_alert() -> None:
    """A rule that asks for silence fires per series, ends with data, and fires where no series ever came."""
    quiet = rule("feed_last_seen", None, kind="no_data", no_data_after="10s")
    never = rule("backup_done", None, kind="no_data", no_data_after="10s", labels={"host": "a"})
    stand = await Stand(quiet, never).start()
    await stand.send(1.0, "feed_last_seen", feed="krx")
    await stand.wait(8)
    assert stand.told == []
    await stand.wait(3)
    assert [(one.metric, one.labels, one.condition) for one in stand.told] == [
        ("backup_done", (("host", "a"),), "breach"),
        ("feed_last_seen", (("feed", "krx"),), "breach"),
    ]
    assert stand.told[1].message == "feed_last_seen (feed=krx): no data for 10s"
    await stand.send(1.0, "feed_last_seen", feed="krx")
    await stand.send(1.0, "backup_done", host="a", disk="1")
    await stand.stop()
    assert [(one.metric, one.condition) for one in stand.told[2:]] == [
        ("feed_last_seen", "clear"),
        ("backup_done", "clear"),
    ]


async def test_silence_that_fires_says_so() -> None:
    """With no_data: fire, a series that was fine fires when it falls silent, and the text is about the silence."""
    stand = await Stand(rule(no_data="fire", no_data_after="10s", message="{value} is too much")).start()
    await stand.send(10.0, host="a")
    await stand.wait(11)
    await stand.send(10.0, host="a")
    await stand.stop()
    assert stand.conditions() == ["breach", "clear"]
    assert stand.told[0].message == "cpu_usage (host=a): no data for 10s"


async def test_one_rule_over_many_series() -> None:
    """Each series has its own condition, new ones are seen as they come, others are left alone."""
    stand = await Stand(
        rule("disk_usage", 90, labels={"mount": "/data*"}, message="{labels.mount}: {value}{unit}")
    ).start()
    await stand.send(95.0, "disk_usage", mount="/data1")
    await stand.send(95.0, "disk_usage", mount="/")
    await stand.send(10.0, "disk_usage", mount="/data2")
    await stand.send(91.0, "disk_usage", mount="/data2")
    await stand.stop()
    assert [one.message for one in stand.told] == ["/data1: 95%", "/data2: 91%"]


async def test_groups_are_one_condition_each() -> None:
    """`by` makes one row of the series that share those labels; [] one of all."""
    by_host = rule("open_orders", 10, id="host", by=["host"])
    over_all = rule("open_orders", 15, id="all", by=[])
    stand = await Stand(by_host, over_all).start()
    await stand.send(6.0, "open_orders", host="a", market="x")
    await stand.send(6.0, "open_orders", host="b", market="x")
    assert stand.told == []
    await stand.send(5.0, "open_orders", host="a", market="y")
    await stand.stop()
    assert {(one.rule, one.labels, one.value) for one in stand.told} == {
        ("host", (("host", "a"),), 11.0),
        ("all", (), 17.0),
    }


async def test_an_anomaly_is_its_score() -> None:
    """A rule of that kind compares what the detector says of the series, not the value."""
    stand = await Stand(rule("shop_orders_today", 3, kind="anomaly")).start()
    await stand.send(1_000.0, "shop_orders_today")
    assert stand.told == []
    stand.scores.scores[0] = 4.2
    await stand.send(1.0, "shop_orders_today")
    await stand.stop()
    assert [(one.value, one.unit) for one in stand.told] == [(4.2, "")]


async def test_hours_end_and_begin_a_condition() -> None:
    """Outside its hours a rule has no condition; at nine it is looked at though no sample comes then."""
    stand = Stand(rule(when="weekday 09:00-09:02 Asia/Seoul", no_data_after="1d"), start_ms=SEOUL_MONDAY_0859)
    await stand.start()
    await stand.send(90.0)
    assert stand.told == []
    await stand.wait(60)
    assert stand.conditions() == ["breach"]
    assert stand.told[0].at - SEOUL_MONDAY_0859 in range(60_000, 61_001)
    await stand.wait(120)
    await stand.stop()
    assert stand.conditions()[-1] == "clear"
    assert stand.told[-1].at - SEOUL_MONDAY_0859 in range(180_000, 181_001)


async def test_alerts_are_worded_in_both_languages() -> None:
    """Whoever reads: our own sentence is told in Korean and English, a threshold's name too; a text of somebody's own
    is told as it was written.
    """
    own = rule(message="{value}{unit}!", id="own")
    stand = await Stand(*rules_of(Thresholds(), language="ko")[:1], own, rule("queue", 5), language="ko").start()
    await stand.send(90.0)
    await stand.send(9.0, "queue")
    await stand.wait(0.1)
    await stand.stop()
    told = {one.rule: (one.message, dict(one.messages)) for one in stand.told}
    assert told["cpu_threshold_percent"] == (
        "CPU 사용률: 90% (기준 80% 초과)",
        {"en": "CPU use: 90%, above 80%"},
    )
    assert told["own"] == ("90%!", {})
    assert ("queue: 9 (기준 5 초과)", {"en": "queue: 9, above 5"}) in told.values()


async def test_rules_change_while_they_run() -> None:
    """What both sets know goes on silently; a changed threshold decides anew; a rule that left ends its alert."""
    kept, moved, gone = rule(id="kept"), rule(id="moved"), rule(id="gone", name="옛 규칙")
    stand = await Stand(kept, moved, gone).start()
    await stand.send(90.0)
    assert len(stand.told) == 3
    stand.told.clear()
    await stand.evaluator.replace([kept, rule(id="moved", value=95)])
    await stand.wait(0.1)
    assert [(one.rule, one.condition) for one in stand.told] == [("gone", "clear"), ("moved", "clear")]
    assert stand.told[0].message == "옛 규칙: the rule was removed or switched off, or its series are gone"
    await stand.stop()


async def test_windows_survive_a_change_of_rules() -> None:
    """An average goes on over samples from before the change."""
    average = rule(id="avg", aggregation="avg", window="60s", value=50)
    stand = await Stand(average).start()
    stand.history.samples.clear()
    await stand.send(90.0)
    await stand.evaluator.replace([average, rule(id="other", value=99)])
    stand.history.samples.clear()
    await stand.send(40.0)
    await stand.stop()
    assert stand.evaluator._evaluation.rows.value[0] == 65.0


async def test_a_set_that_cannot_be_made_stops_nothing() -> None:
    """A rule that raises while the new set is made leaves the old ones running."""
    stand = await Stand(rule()).start()
    with pytest.raises(ValueError, match="nonsense"):
        await stand.evaluator.replace([rule(), msgspec.structs.replace(rule(), when="nonsense")])
    await stand.send(90.0)
    await stand.stop()
    assert stand.conditions() == ["breach"]


async def test_signals_not_taken_are_told_again() -> None:
    """While the alerts can't take signals nothing is lost: the present state is told once they can."""
    stand = await Stand(rule()).start()
    stand.failure = Unavailable("records are away")
    await stand.send(90.0, host="a")
    await stand.send(90.0, host="b")
    await stand.send(10.0, host="b")
    await stand.wait(3)
    assert stand.told == []
    assert stand.figure("signals_failed_total") >= 2
    stand.failure = None
    await stand.wait(1.1)
    await stand.stop()
    assert [(one.labels, one.condition) for one in stand.told] == [((("host", "a"),), "breach")]


async def test_a_restart_takes_up_what_stood() -> None:
    """What still holds isn't told anew, what is over ends, what has no rule any more ends too."""
    stand = Stand(rule(value=80, clear=75))
    for host in "abc":
        stand.table.intern("cpu_usage", labels_of(host=host))
    await stand.start(
        alert(labels=labels_of(host="a")),
        alert(labels=labels_of(host="b")),
        alert(labels=labels_of(host="forgotten")),
        alert("removed", labels=labels_of(host="a")),
        alert(labels=labels_of(host="c"), phase="resolved"),
    )
    await stand.send(77.0, host="a")
    await stand.send(74.0, host="b")
    await stand.stop()
    assert [(one.rule, one.labels, one.condition) for one in stand.told] == [
        ("cpu_usage-threshold", (("host", "forgotten"),), "clear"),
        ("removed", (("host", "a"),), "clear"),
        ("cpu_usage-threshold", (("host", "b"),), "clear"),
    ]


async def test_a_restart_keeps_the_value_until_another_comes() -> None:
    """Nothing is told of a value that isn't known yet: an alert never reads "–" because the server began anew."""
    stand = Stand(rule(value=80, clear=75))
    stand.table.intern("cpu_usage", labels_of(host="a"))
    await stand.start(alert(labels=labels_of(host="a"), value=91.0))
    await stand.wait(70)
    assert {(one.condition, one.value) for one in stand.told} == {("breach", 91.0)}
    assert "91%" in stand.told[-1].message
    await stand.send(92.0, host="a")
    await stand.wait(6)
    await stand.stop()
    assert stand.told[-1].value == 92.0


async def test_a_duration_goes_on_with_the_first_value_after_a_restart() -> None:
    """A pending alert is confirmed by the first sample, within a second, and by nothing else."""
    stand = Stand(rule(value=80, lasting="30s"))
    stand.table.intern("cpu_usage", labels_of(host="a"))
    await stand.start(alert(labels=labels_of(host="a"), phase="pending"))
    await stand.wait(90)
    assert stand.told == []
    await stand.send(91.0, host="a")
    await stand.wait(1)
    await stand.stop()
    assert [(one.condition, one.value) for one in stand.told] == [("breach", 91.0)]


async def test_a_restart_doesnt_end_a_silence() -> None:
    """An alert about silence stands over a restart until data come."""
    stand = Stand(rule("m", None, kind="no_data", no_data_after="10m"))
    stand.table.intern("m", ())
    await stand.start(alert("m-no_data", "m", value=None))
    await stand.wait(5)
    assert stand.told == []
    await stand.send(1.0, "m")
    await stand.stop()
    assert stand.conditions() == ["clear"]


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ({"aggregation": "avg"}, 425.0),
        ({"aggregation": "sum"}, 425.0 * 9),
        ({"aggregation": "count"}, 9.0),
        ({"aggregation": "min"}, 185.0),
        ({"aggregation": "max"}, 665.0),
        ({"aggregation": "rate"}, 1.0),
        ({"kind": "change"}, 540.0),
    ],
)
async def test_windows_are_warm_after_a_restart(keys: dict[str, object], value: float) -> None:
    """A long window is filled from history before the first round: 5, 65, … 665, a minute apart, the last 9 within."""
    stand = Stand(rule("m", 1_000, window="10m", **keys))
    began = stand.clock.now()
    for minute in range(-12, 0):
        await stand.history.append(stand.batch("m", float((minute + 13) * 60 - 55), at=began + minute * 60_000))
    await stand.start()
    if keys.get("kind") == "change":
        await stand.send(665.0, "m")
    await stand.wait(1)
    await stand.stop()
    assert stand.evaluator._evaluation.rows.value[0] == pytest.approx(value)


async def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples that wait for a round have a bound; beyond it the oldest are dropped and counted."""
    monkeypatch.setattr(module, "NOTED", 10)
    stand = await Stand(rule()).start()
    await stand.wait(0)
    stand.table.intern("cpu_usage", ())
    for value in (1.0, 2.0, 3.0):
        stand.evaluator.observe(
            Batch(series=np.zeros(6, np.int32), at=np.full(6, stand.clock.now()), value=np.full(6, value))
        )
    assert stand.figure("samples_dropped_total") == 12
    await stand.stop()


async def test_rows_are_bounded() -> None:
    """Beyond the bound further series aren't looked at, which is shown."""
    stand = await Stand(rule(), rows=2).start()
    for host in "abc":
        await stand.send(90.0, host=host)
    assert stand.figure("rows_refused_total") == 1
    assert stand.figure("rows") == 2
    assert len(stand.told) == 2
    await stand.stop()


async def test_a_round_that_fails_is_counted_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of ours in one round ends neither evaluation nor the server."""
    stand = await Stand(rule()).start()
    evaluation = stand.evaluator._evaluation
    monkeypatch.setattr(evaluation, "round", lambda batches, now: 1 / 0)
    await stand.send(90.0)
    monkeypatch.undo()
    assert stand.figure("errors_total") >= 1
    await stand.send(90.0)
    assert stand.conditions() == ["breach"]
    await stand.stop()


async def test_forgotten_series_end_their_alert() -> None:
    """When history forgets a series its alert ends; when it comes again it is looked at again."""
    stand = await Stand(rule()).start()
    await stand.send(90.0, host="a")
    stand.table.forget([0])
    await stand.wait(1.1)
    assert stand.conditions() == ["breach", "clear"]
    assert "its series are gone" in stand.told[1].message
    await stand.send(91.0, host="a")
    await stand.stop()
    assert stand.conditions() == ["breach", "clear", "breach"]


async def test_preview_tells_how_a_rule_would_stand() -> None:
    """A rule that isn't in force is tried on what is there now, and nobody is told."""
    stand = await Stand(rule("other")).start()
    await stand.send(90.0, host="a")
    await stand.send(10.0, host="b")
    found = await stand.evaluator.preview(rule(aggregation="max"))
    await stand.stop()
    assert [(dict(one.labels)["host"], one.value, one.condition) for one in found] == [
        ("a", 90.0, "breach"),
        ("b", 10.0, "clear"),
    ]
    assert stand.told == []


async def test_every_figure_is_in_the_catalogue() -> None:
    """What evaluation tells about itself is explained in both languages."""
    stand = Stand(rule())
    await asyncio.sleep(0)
    assert {one.metric for one in stand.evaluator.figures()} == {metric.name for metric in METRICS}
