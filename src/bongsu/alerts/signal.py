"""What evaluation tells the life cycle: how a condition stands for one series."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from bongsu.model.alert import Push, Severity
from bongsu.model.sample import Labels

__all__ = ["Condition", "Push", "Signal"]

Condition: TypeAlias = Literal["breach", "clear", "no_data"]


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's condition for one series at a moment (`at`, UTC ms).

    Told when the condition changes, and at intervals while it stands. `clear` honours the rule's own clearing value.
    `no_data` says that the series fell silent where the rule doesn't ask for that; a rule that does tells `breach`.
    """

    rule: str
    metric: str
    condition: Condition
    at: int
    severity: Severity
    message: str
    messages: tuple[tuple[str, str], ...] = ()
    labels: Labels = ()
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    for_ms: int = 0
    keep_firing_ms: int = 0
    channels: tuple[str, ...] = ()
    escalation: str = ""
    group_by: tuple[str, ...] = ()
