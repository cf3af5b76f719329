"""A desk over plain records, in a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bongsu.alerts.rulebook import StoredRules
from bongsu.alerts.rules import given
from bongsu.configuration.desk import Desk
from bongsu.configuration.effects import Prospect
from bongsu.model.backtest import Standing as RuleStanding
from bongsu.model.rule import Rule
from bongsu.model.setting import KeptSettings
from bongsu.ports import Clock, History
from bongsu.settings.faults import SettingsError
from bongsu.settings.load import put_together, read_sources
from bongsu.settings.model import Settings
from bongsu.settings.standing import Standing, given_by_program, stand
from tests.fakes.records import FakeRecords


class Office:
    """A desk with its folder: `applied` are the pairs of settings that were put in force."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        history: History,
        records: FakeRecords | None = None,
        file: object = None,
        environment: Mapping[str, str] | None = None,
        flags: Mapping[str, Any] | None = None,
        layer: Mapping[str, Any] | None = None,
        rules: StoredRules | None = None,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.records = records or FakeRecords(clock=clock)
        self.applied: list[tuple[Settings, Settings]] = []
        self.failure: Exception | None = None
        self.told: list[int] = []
        self.oldest_at: dict[str, int] = {}
        if file is not None:
            self.write(file)
        sources, faults = read_sources(flags, environment=environment or {}, folder=folder)
        if faults:
            raise SettingsError(faults)
        loaded = put_together(sources)
        self.standing = (
            stand(sources, layer, version=1) if layer is not None else Standing(sources=sources, loaded=loaded)
        )
        if layer is not None:
            kept = KeptSettings(number=1, at=0, by="before", note="", layer=json.dumps(dict(layer)), changes="[]")
            self.records.kept_settings.append(kept)
        self.rules = rules or StoredRules(
            given(loaded.settings),
            records=self.records,
            audit=self.records,
            apply=_nothing,
            preview=_no_preview,
            history=history,
            clock=clock,
        )
        self.desk = self.open_desk(self.standing)

    def open_desk(self, standing: Standing) -> Desk:
        """A desk over the same records."""
        return Desk(
            standing,
            records=self.records,
            audit=self.records,
            clock=self.clock,
            apply=self.apply,
            changed=self.told.append,
            prospect=Prospect(
                rules=self.rules,
                given=given,
                oldest=self.oldest,
                samples_a_day=lambda settings: 86_400 / settings.monitoring.update_interval_seconds,
                series=lambda: 42,
                clock=self.clock,
            ),
        )

    @property
    def path(self) -> Path:
        """The settings file."""
        return self.folder / "config" / "monitoring_config.json"

    def write(self, file: object) -> None:
        """Write the settings file: a text as it is, anything else as JSON."""
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(file if isinstance(file, str) else json.dumps(file), encoding="utf-8")

    async def apply(self, before: Settings, after: Settings) -> None:
        if self.failure is not None:
            raise self.failure
        self.applied.append((before, after))

    async def oldest(self) -> dict[str, int]:
        return self.oldest_at


def program_desk(*, clock: Clock, records: FakeRecords, rules: StoredRules, settings: Settings | None = None) -> Desk:
    """A desk over settings that a program gave; nothing is put in force anywhere."""

    async def apply(_: Settings, __: Settings) -> None:
        return

    async def oldest() -> dict[str, int]:
        return {}

    return Desk(
        given_by_program(settings or Settings(), Path()),
        records=records,
        audit=records,
        clock=clock,
        apply=apply,
        prospect=Prospect(
            rules=rules,
            given=given,
            oldest=oldest,
            samples_a_day=lambda settings: 86_400 / settings.monitoring.update_interval_seconds,
            series=lambda: 42,
            clock=clock,
        ),
    )


async def _nothing(_: object) -> None:
    return


async def _no_preview(_: Rule) -> list[RuleStanding]:
    return []
