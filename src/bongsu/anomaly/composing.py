"""The stage as the settings want it."""

from __future__ import annotations

from bongsu.anomaly.lanes import Lanes
from bongsu.anomaly.metrics import METRICS
from bongsu.anomaly.plan import Choice, Plan, Spec
from bongsu.anomaly.stage import AnomalyStage, Measure
from bongsu.model.catalogue import Catalogue
from bongsu.model.series import SeriesTable
from bongsu.ports import Announcer, Clock, History
from bongsu.settings.anomaly import AnomalyDetection


def plan_of(settings: AnomalyDetection) -> Plan:
    """Which series are watched, and how."""
    general = Spec(threshold=settings.threshold, window=settings.window_size, quiet_ms=int(settings.quiet))
    choices = [
        Choice(
            metric=one.metric,
            method=one.method,
            threshold=one.threshold,
            window=one.window_size,
            log=one.log,
            smooth=one.smooth,
            every_ms=None if one.every is None else int(one.every),
            quiet_ms=None if one.quiet is None else int(one.quiet),
        )
        for one in settings.metrics
    ]
    return Plan(
        general=general.by(settings.method),
        choices=choices,
        include=settings.include,
        exclude=settings.exclude,
    )


def anomaly_stage(
    settings: AnomalyDetection,
    *,
    table: SeriesTable,
    catalogue: Catalogue,
    clock: Clock,
    history: History,
    announcer: Announcer,
    measure: Measure,
) -> AnomalyStage:
    """The stage, ready to be started; switched off it watches nothing. Its metrics are declared."""
    for metric in METRICS:
        catalogue.declare(metric)
    return AnomalyStage(
        table=table,
        catalogue=catalogue,
        clock=clock,
        history=history,
        announcer=announcer,
        measure=measure,
        lanes=lanes_of(settings, table=table, catalogue=catalogue),
        enabled=settings.enabled,
    )


def lanes_of(settings: AnomalyDetection, *, table: SeriesTable, catalogue: Catalogue) -> Lanes:
    """Lanes that know nothing yet."""
    return Lanes(
        table=table,
        plan=plan_of(settings),
        counter=lambda name: catalogue.get(name).kind == "counter",
        limit=settings.series,
    )
