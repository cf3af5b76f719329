"""What probers are made with."""

from __future__ import annotations

from dataclasses import dataclass

from bongsu.collect.checks.exchange import Exchanger
from bongsu.collect.checks.lookup import Lookup
from bongsu.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """One clock, one set of threads for look-ups, one client for HTTP."""

    clock: Clock
    lookup: Lookup
    exchanger: Exchanger
