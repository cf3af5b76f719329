"""Rules from settings and screens as one book, every change kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bongsu.alerts.rulebook import StoredRules
from bongsu.model.backtest import Standing
from bongsu.model.errors import BadRequest, Faulty, NotFound, Unavailable
from bongsu.model.rule import Rule
from bongsu.model.series import SeriesTable
from bongsu.settings.rules import RuleSection
from tests.fakes.clock import VirtualClock
from tests.fakes.history import FakeHistory
from tests.fakes.records import FakeRecords

CPU = RuleSection.model_validate({"id": "cpu", "metric": "cpu_usage", "value": 80}).rule("thresholds")
DISK = RuleSection.model_validate({"id": "disk", "metric": "disk_usage", "value": 90}).rule("settings")


class Desk:
    """A book over plain records; `applied` are the sets of rules it put in force."""

    def __init__(self, records: FakeRecords | None = None) -> None:
        self.clock = VirtualClock()
        self.records = records or FakeRecords(clock=self.clock)
        self.applied: list[list[Rule]] = []
        self.failure: Exception | None = None
        self.book = StoredRules(
            [CPU, DISK],
            records=self.records,
            audit=self.records,
            apply=self._apply,
            preview=self._preview,
            history=FakeHistory(SeriesTable()),
            clock=self.clock,
            language="en",
        )

    async def _apply(self, rules: Sequence[Rule]) -> None:
        if self.failure is not None:
            raise self.failure
        self.applied.append(list(rules))

    async def _preview(self, rule: Rule) -> list[Standing]:
        return [Standing(labels=(), value=rule.value, condition="clear")]


def body(**keys: Any) -> dict[str, Any]:
    """A rule as somebody sends it."""
    return {"metric": "cpu_usage", "value": 70, **keys}


async def test_a_rule_is_made_kept_and_in_force() -> None:
    """A new rule is told of its defaults, kept with its author, put in force and found after a restart."""
    desk = Desk()
    made = await desk.book.save(body(name="Warm CPU"), by="kim")
    assert (made.id, made.source) == ("warm-cpu", "screen")
    assert [rule.id for rule in desk.applied[-1]] == ["cpu", "disk", "warm-cpu"]
    (entry,) = await desk.records.audit()
    assert (entry.by, entry.action, entry.subject) == ("kim", "rule_saved", "warm-cpu")
    again = Desk(desk.records)
    await again.book.open()
    assert again.book.get("warm-cpu") == made


async def test_an_edit_lies_over_the_settings() -> None:
    """A rule of the settings can be changed here, and is the settings' own again once the change is dropped."""
    desk = Desk()
    changed = await desk.book.save(body(value=95), by="kim", rule_id="cpu")
    assert [(rule.id, rule.value, rule.source) for rule in desk.book.all()] == [
        ("cpu", 95.0, "screen"),
        ("disk", 90.0, "settings"),
    ]
    assert desk.applied[-1][0] == changed
    assert await desk.book.remove("cpu", by="kim") == CPU
    assert desk.book.get("cpu") == CPU
    with pytest.raises(BadRequest, match="comes from the settings"):
        await desk.book.remove("cpu", by="kim")
    assert desk.applied[-1] == [CPU, DISK]


async def test_every_change_is_a_version() -> None:
    """What the settings said, each change and the removal can be gone back to; no change is no version."""
    desk = Desk()
    await desk.book.save(body(value=95), by="kim", rule_id="cpu")
    await desk.book.save(body(value=95), by="lee", rule_id="cpu")
    await desk.book.save(body(value=90, severity="error"), by="lee", rule_id="cpu")
    await desk.book.remove("cpu", by="kim")
    versions = await desk.book.versions("cpu")
    assert [(one.number, one.by, one.body is None) for one in versions] == [
        (1, "thresholds", False),
        (2, "kim", False),
        (3, "lee", False),
        (4, "kim", True),
    ]
    assert set(versions[2].difference) == {
        '-  "value": 95.0,',
        '+  "value": 90.0,',
        '-  "clear": 95.0,',
        '+  "clear": 90.0,',
        '-  "severity": "warning",',
        '+  "severity": "error",',
    }
    back = await desk.book.roll_back("cpu", 2, by="kim")
    assert back is not None
    assert (back.value, back.severity, back.source) == (95.0, "warning", "screen")
    assert [one.number for one in await desk.book.versions("cpu")] == [1, 2, 3, 4, 5]
    assert await desk.book.roll_back("cpu", 4, by="kim") == CPU
    with pytest.raises(NotFound, match="no version 9"):
        await desk.book.roll_back("cpu", 9, by="kim")


async def test_what_is_no_rule_is_refused_and_the_others_run_on() -> None:
    """Each fault has its path, nothing is kept and nothing is put in force."""
    desk = Desk()
    with pytest.raises(Faulty) as caught:
        await desk.book.save({"metric": "cpu usage", "value": 80, "window": "0s", "clear": 90}, by="kim")
    assert [path for path, _ in caught.value.faults] == ["metric", "window", "clear"]
    nothing: list[object] = [[], "x", None, 5]
    for wrong in nothing:
        with pytest.raises(Faulty):
            await desk.book.save(wrong, by="kim")
    assert desk.applied == []
    assert await desk.records.rules() == {}


async def test_ids_are_each_ones_own() -> None:
    """A named id that is taken is refused, a made one is made anew; a rule's id doesn't change."""
    desk = Desk()
    with pytest.raises(Faulty, match="id: another rule"):
        await desk.book.save(body(id="cpu"), by="")
    ids = [(await desk.book.save(body(), by="")).id for _ in range(3)]
    assert ids == ["cpu_usage-threshold", "cpu_usage-threshold-2", "cpu_usage-threshold-3"]
    with pytest.raises(Faulty, match="id: must be cpu"):
        await desk.book.save(body(id="other"), by="", rule_id="cpu")
    for unknown in (desk.book.save(body(), by="", rule_id="x"), desk.book.remove("x", by=""), desk.book.versions("x")):
        with pytest.raises(NotFound):
            await unknown


async def test_new_settings_keep_what_was_made_here() -> None:
    """When the settings change, edits stay over their rules; what can't be put in force leaves the old ones."""
    desk = Desk()
    await desk.book.save(body(value=95), by="kim", rule_id="cpu")
    await desk.book.give([CPU])
    assert [(rule.id, rule.value) for rule in desk.applied[-1]] == [("cpu", 95.0)]
    desk.failure = Unavailable("no")
    with pytest.raises(Unavailable):
        await desk.book.give([CPU, DISK])
    assert [rule.id for rule in desk.book.all()] == ["cpu"]


async def test_a_kept_rule_that_is_none_any_more_is_left_out() -> None:
    """Rules written by another version of Bongsu stop nothing: they are left out, can be removed, and the rest runs."""
    desk = Desk()
    await desk.records.save_rule("old", '{"metric": "a", "value": 1, "colour": "red"}', at=1, by="kim")
    await desk.records.save_rule("broken", "{", at=1, by="kim")
    await desk.records.save_rule("cpu", '{"metric": "b", "value": 1}', at=1, by="kim")
    await desk.book.open()
    assert [(rule.id, rule.metric) for rule in desk.book.all()] == [("cpu", "b"), ("disk", "disk_usage")]
    assert await desk.book.remove("old", by="kim") is None


async def test_preview_takes_a_disabled_rule_too() -> None:
    """A rule can be tried before it is switched on."""
    desk = Desk()
    assert [one.value for one in await desk.book.preview(body(enabled=False))] == [70.0]
