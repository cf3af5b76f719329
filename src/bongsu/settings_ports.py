"""The sockets around settings that change while all runs, as Protocols; see `ports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from bongsu.model.setting import KeptSettings, Preview, SettingsVersion, SettingsView

Language = Literal["ko", "en"]


class SettingsRecords(Protocol):
    """Every version of what was set on screens and through REST; kept for ever."""

    async def save_settings(
        self, layer: str, changes: str, *, after: int, at: int, by: str, note: str
    ) -> KeptSettings | None:
        """Keep a version as the successor of number `after` (0: the first); None where that isn't the newest.

        Raises:
            StorageFull, Unavailable: it wasn't kept.
        """
        ...

    async def settings_versions(self, *, limit: int = 100) -> list[KeptSettings]:
        """The newest versions, newest first."""
        ...

    async def settings_version(self, number: int) -> KeptSettings | None:
        """One version."""
        ...


class SettingsDesk(Protocol):
    """All settings: shown, tried, changed, taken back. `language` is that of sentences; None: as the settings say."""

    def view(self, *, language: Language | None = None) -> SettingsView:
        """How they stand."""
        ...

    async def preview(
        self, changes: Mapping[str, Any], reset: Sequence[str] = (), *, language: Language | None = None
    ) -> Preview:
        """What a change would do: what is wrong with it, what differs, when it holds, its effects.

        `changes` are values by dotted path; `reset` are paths that shall be as file or default say.
        """
        ...

    async def change(
        self,
        changes: Mapping[str, Any],
        reset: Sequence[str] = (),
        *,
        version: int,
        note: str,
        by: str,
        language: Language | None = None,
    ) -> SettingsView:
        """Keep a change as the successor of `version`, and put it in force as far as that can be while all runs.

        Raises:
            Faulty: it can't be used; nothing changed. Conflict: somebody else changed settings since `version`.
            StorageFull, Unavailable: it wasn't kept.
        """
        ...

    async def versions(self, *, limit: int = 100) -> list[SettingsVersion]:
        """What was changed by whom, newest first."""
        ...

    async def roll_back(
        self, number: int, *, version: int | None, note: str, by: str, language: Language | None = None
    ) -> SettingsView:
        """Set what stood in version `number` again, as a new version; 0 takes everything back that screens set.

        Raises:
            NotFound: there is no such version. Faulty, Conflict, StorageFull, Unavailable: as `change`.
        """
        ...

    def export(self) -> Mapping[str, Any]:
        """A settings file that says what is set now, without secrets."""
        ...
