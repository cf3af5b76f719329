"""What every page of the console is made with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bongsu.client import Client
from bongsu.console.facts import Facts
from bongsu.console.figures import PerformanceDashboard
from bongsu.console.live import Served
from bongsu.console.place import Place
from bongsu.console.tokens import Theme
from bongsu.console.words import Words


@dataclass(frozen=True, kw_only=True)
class Page(ABC):
    """A page in one language and theme, from one server; `draw` it."""

    place: Place
    served: Served
    facts: Facts
    source: Client
    words: Words
    theme: Theme

    @abstractmethod
    def draw(self) -> None:
        """The whole page."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that is shown."""
        return ZoneInfo(self.facts.timezone)

    def dashboard(self) -> PerformanceDashboard:
        """Draws figures in the page's language, theme and time zone."""
        return PerformanceDashboard(
            self.source,
            language=self.words.language,
            theme=self.theme,
            timezone=self.facts.timezone,
            thresholds=self.facts.thresholds,
        )
