"""The port `Checks` over a plain list."""

from __future__ import annotations

from collections.abc import Sequence

from bongsu.model.check import CheckStatus, Kind


class ListedChecks:
    """Implements `Checks`; `listed` is what there is."""

    def __init__(self) -> None:
        self.listed: list[CheckStatus] = []

    def statuses(self, kinds: Sequence[Kind]) -> list[CheckStatus]:
        return [one for one in self.listed if one.kind in kinds]
