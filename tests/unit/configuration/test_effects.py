"""What a change would do, told before it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.alerts.rulebook import StoredRules
from bongsu.ingest.gate import SampleGate
from bongsu.model.sample import Sample
from bongsu.model.series import SeriesTable
from bongsu.model.setting import Effect
from bongsu.settings_ports import Language
from tests.fakes.clock import VirtualClock
from tests.fakes.desks import Office
from tests.fakes.history import FakeHistory

CPU = "thresholds.cpu_threshold_percent"
HOUR = 3_600_000


class Place:
    """An office over a history that tests fill."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.table = SeriesTable()
        self.history = FakeHistory(self.table)
        self.office = Office(folder, clock=self.clock, history=self.history)

    async def measured(self, metric: str, *courses: tuple[float, float]) -> None:
        """A value for so many hours, one course after another, a reading a minute, up to now."""
        gate = SampleGate(table=self.table, clock=self.clock, limits=None)
        at = self.clock.now() - int(sum(hours for hours, _ in courses) * HOUR)
        for hours, value in courses:
            samples = [Sample(metric=metric, value=value, at=at + n * 60_000) for n in range(int(hours * 60))]
            batch, _ = gate.admit(samples)
            await self.history.append(batch)
            at += int(hours * HOUR)

    async def effects(self, changes: dict[str, object], *, language: Language = "en") -> list[Effect]:
        """What the change would do."""
        told = await self.office.desk.preview(changes, language=language)
        assert told.faults == ()
        return list(told.effects)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Empty."""
    return Place(tmp_path)


@pytest.mark.guide("G031")
async def test_a_threshold_is_tried_on_the_last_days(place: Place) -> None:
    """How often it would have fired with the new value, and with the one that is set."""
    await place.measured("cpu_usage", (2, 20.0), (1, 75.0), (1, 20.0), (1, 85.0), (2, 20.0))
    (effect,) = await place.effects({CPU: 70})
    assert (effect.kind, effect.path, effect.before, effect.after) == ("backtest", CPU, 1, 2)
    assert effect.text == "CPU use: would have fired 2 times in the last 7 days, before 1"
    (korean,) = await place.effects({CPU: 70}, language="ko")
    assert korean.text == "CPU 사용률: 최근 7일이었다면 2회 발생(현재 설정으로는 1회)"


async def test_without_a_past_that_is_said(place: Place) -> None:
    """No readings, no figure."""
    (effect,) = await place.effects({CPU: 70})
    assert (effect.before, effect.after) == (None, None)
    assert "no readings" in effect.text


async def test_a_new_rule_and_one_taken_away(place: Place) -> None:
    """Each alone: what it would have done, or did."""
    await place.measured("queue_depth", (1, 1.0), (1, 9.0), (1, 1.0))
    rule = {"id": "queue", "name": "Queue", "metric": "queue_depth", "value": 5}
    (new,) = await place.effects({"rules": [rule]})
    assert (new.path, new.before, new.after) == ("rules", None, 1)
    await place.office.desk.change({"rules": [rule]}, version=0, note="", by="kim")
    (gone,) = await place.effects({"rules": []})
    assert (gone.before, gone.after) == (1, None)
    assert gone.text == "Queue: is not watched any more; it fired 1 times in the last 7 days"


async def test_a_rule_of_the_alerts_page_stands_over_a_threshold(place: Place) -> None:
    """Then the threshold changes nothing, and that is what is told."""
    rules: StoredRules = place.office.rules
    await rules.save({"metric": "cpu_usage", "value": 50}, by="kim", rule_id="cpu_threshold_percent")
    (effect,) = await place.effects({CPU: 70})
    assert "alerts page" in effect.text


@pytest.mark.parametrize(
    ("new", "age", "words"),
    [
        ("12h", 20, "older than 12h are deleted within minutes: the oldest is 20h old"),
        ("12h", 5, "the oldest is 5h old, so nothing is deleted now"),
        ("48h", 20, "kept for 2d instead of 1d"),
    ],
)
async def test_what_retention_lets_go(place: Place, new: str, age: int, words: str) -> None:
    """The age of the oldest that is held, against what would be kept."""
    place.office.oldest_at = {"raw": place.clock.now() - age * HOUR}
    (effect,) = await place.effects({"storage.retention.raw": new})
    assert effect.kind == "retention"
    assert words in effect.text


async def test_samples_a_day_and_series(place: Place) -> None:
    """An interval tells its samples a day, a bound on series how many there are."""
    told = await place.effects({"monitoring.update_interval_seconds": 10, "limits.series": 100})
    assert [(one.kind, one.before, one.after) for one in told] == [("samples", 86_400, 8_640), ("series", 42, 100)]
    assert "about 8,600 samples a day" in told[0].text


async def test_every_effect_has_a_sentence_in_both_languages(place: Place) -> None:
    """The same figures, other words."""
    place.office.oldest_at = {"raw": place.clock.now() - 20 * HOUR}
    changes: dict[str, object] = {
        CPU: 70,
        "storage.retention.raw": "12h",
        "monitoring.update_interval_seconds": 10,
    }
    korean, english = await place.effects(changes, language="ko"), await place.effects(changes)
    assert [(one.kind, one.before, one.after) for one in korean] == [(o.kind, o.before, o.after) for o in english]
    assert not {one.text for one in korean} & {one.text for one in english}
