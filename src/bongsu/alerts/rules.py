"""Rules, whole: where they come from, their evaluation, what can be asked of them; `alarms.py` needs this alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from bongsu.alerts.evaluation.evaluation import Setting
from bongsu.alerts.evaluation.evaluator import RuleEvaluator, Take
from bongsu.alerts.rulebook import StoredRules
from bongsu.alerts.thresholds import rules_of
from bongsu.model.alert import Alert
from bongsu.model.backtest import Standing
from bongsu.model.catalogue import Catalogue
from bongsu.model.rule import Rule
from bongsu.model.sample import Sample
from bongsu.model.series import SeriesTable
from bongsu.ports import AuditRecords, Clock, History, Live, RuleRecords, Scores
from bongsu.settings.model import Settings


class Rules:
    """The evaluator and the book of rules, wired. All methods are called on one event loop.

        rules = await Rules.open(settings, take=service.take, records=records, audit=records, table=…, catalogue=…,
                                 history=…, live=…, clock=…, scores=…)
        pipeline.tap(rules.evaluator)             # after the detectors
        await rules.start(await records.living())  # once the alerts' service can take signals
        …                                          # rules.book is the `ports.RuleBook` of REST
        await rules.stop()                         # before the alerts' service and the history

    `rules.evaluator` is a `Tap` and tells figures (`Watched`; their entries are `alerts.evaluation.metrics.METRICS`).
    """

    def __init__(self, *, evaluator: RuleEvaluator, book: StoredRules, language: str) -> None:
        """See `open`."""
        self.evaluator = evaluator
        self.book = book
        self._language = language

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        take: Take,
        records: RuleRecords,
        audit: AuditRecords,
        table: SeriesTable,
        catalogue: Catalogue,
        history: History,
        live: Live,
        clock: Clock,
        scores: Scores | None = None,
    ) -> Self:
        """Read the rules that were kept, and wire the parts; nothing is evaluated before `start`.

        Raises:
            StorageFull, Unavailable: the records can't be read.
        """
        monitoring = settings.monitoring
        setting = Setting(
            table=table,
            catalogue=catalogue,
            scores=scores,
            language=monitoring.language,
            timezone=monitoring.timezone,
        )
        evaluator = RuleEvaluator(take=take, setting=setting, history=history, clock=clock)

        async def preview(rule: Rule) -> list[Standing]:
            return await evaluator.preview(rule, live.latest(rule.metric))

        book = StoredRules(
            given(settings),
            records=records,
            audit=audit,
            apply=evaluator.replace,
            preview=preview,
            history=history,
            clock=clock,
            scores=scores,
            language=monitoring.language,
            timezone=monitoring.timezone,
        )
        await book.open()
        return cls(evaluator=evaluator, book=book, language=monitoring.language)

    async def start(self, standing: Iterable[Alert] = ()) -> None:
        """Evaluate from now on; `standing` are the alerts that aren't resolved, pending ones too."""
        await self.evaluator.start(self.book.all(), standing)

    async def reload(self, settings: Settings) -> None:
        """The settings changed: their thresholds and rules hold from now on, unless a screen overrides them.

        Settings that can't be read never come here, so that the rules that run go on.
        """
        await self.book.give(given(settings))

    async def stop(self) -> None:
        """Evaluate no more."""
        await self.evaluator.stop()

    def figures(self) -> Iterable[Sample]:
        """What evaluation tells about itself."""
        return self.evaluator.figures()


def given(settings: Settings) -> Sequence[Rule]:
    """The rules of the settings: the seven thresholds, and `rules`, which replace a threshold of the same id."""
    thresholds = rules_of(settings.thresholds, language=settings.monitoring.language)
    written = [section.rule("settings") for section in settings.rules]
    ids = {rule.id for rule in written}
    return [*(rule for rule in thresholds if rule.id not in ids), *written]
