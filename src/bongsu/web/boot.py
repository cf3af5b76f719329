"""What a page must know before the first frame arrives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """The facts behind `/monitoring/boot.json`.

    `thresholds` are the settings' seven keys (per cent, milliseconds or seconds as their names say);
    `live_path` is where the board opens its socket on its own origin; `alerts`: whether the server answers for alerts;
    `panels`: own charts as the settings tell them; `watches`: what is watched besides this machine (`Engine.watches`),
    by which the overview chooses what it shows.
    """

    version: str
    catalogue: Catalogue
    demo: bool = False
    language: str = "ko"
    timezone: str = "Asia/Seoul"
    update_interval_seconds: float = 1.0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    live_path: str = "/live"
    alerts: bool = True
    panels: Sequence[Mapping[str, Any]] = ()
    watches: Sequence[str] = ()

    def body(self) -> dict[str, Any]:
        """The JSON body as the page reads it."""
        return {
            "version": self.version,
            "demo": self.demo,
            "language": self.language,
            "timezone": self.timezone,
            "update_interval_seconds": self.update_interval_seconds,
            "thresholds": dict(self.thresholds),
            "live": self.live_path,
            "alerts": self.alerts,
            "panels": list(self.panels),
            "watches": list(self.watches),
            "catalogue": {metric.name: entry(metric) for metric in self.catalogue},
        }


def entry(metric: Metric) -> dict[str, Any]:
    """One metric of the catalogue, with its words in both languages."""
    return {
        "kind": metric.kind,
        "unit": metric.unit,
        "topic": metric.topic,
        "title": {"ko": metric.title_ko or metric.name, "en": metric.title_en or metric.name},
        "sentence": {"ko": metric.ko, "en": metric.en},
    }
