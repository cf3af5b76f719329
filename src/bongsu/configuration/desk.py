"""The desk: all settings shown, tried, changed and taken back while all runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import msgspec
import structlog

from bongsu.configuration.effects import Prospect, effects_of
from bongsu.configuration.metrics import METRICS
from bongsu.configuration.telling import differences, exported, faults_told, origins_of
from bongsu.configuration.words import say
from bongsu.model.alert import AuditEntry
from bongsu.model.errors import Conflict, Faulty, NotFound
from bongsu.model.sample import Sample
from bongsu.model.setting import Difference, KeptSettings, Preview, SettingsVersion, SettingsView
from bongsu.ports import AuditRecords, Clock
from bongsu.settings.faults import Fault, SettingsError
from bongsu.settings.layer import BARRED, HIDDEN, changed, fixed_by, leaf_paths, sealed
from bongsu.settings.load import Loaded, Sources, put_together, read_sources
from bongsu.settings.model import Settings
from bongsu.settings.moments import Waiting, in_force, sooner
from bongsu.settings.sealed import KeyTrouble, keyring
from bongsu.settings.show import shown
from bongsu.settings.standing import Standing, stand
from bongsu.settings_ports import Language, SettingsRecords

Apply = Callable[[Settings, Settings], Awaitable[None]]
"""Puts the second in force where the first is; raises where that can't be, and then the first is still in force."""

_DIFFERENCES = msgspec.json.Decoder(tuple[Difference, ...])
_NOTE = 500
_NOBODY = "rest"

_log = structlog.get_logger(__name__)


class Desk:
    """Implements `settings_ports.SettingsDesk` and `ports.Watched`. One a process; used on the event loop.

    Args:
        standing: how the settings stood at the start.
        apply: puts settings in force.
        shape: what a program does to all settings before they are used (the simulation's additions).
        prospect: what effects are read from.
        changed: told after each change that came into force, with the settings in force.
    """

    def __init__(
        self,
        standing: Standing,
        *,
        records: SettingsRecords,
        audit: AuditRecords,
        clock: Clock,
        apply: Apply,
        prospect: Prospect,
        shape: Callable[[Settings], Settings] = lambda settings: settings,
        changed: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._standing = standing
        self._started = standing.settings
        """Of these holds what can't be changed while all runs."""
        self._waiting = Waiting(standing.settings)
        self._records = records
        self._audit = audit
        self._clock = clock
        self._apply = apply
        self._prospect = prospect
        self._shape = shape
        self._told = changed
        self._changing = asyncio.Lock()
        self._broken: tuple[Fault, ...] = ()
        """What is wrong with the file as it stands now."""
        self._applied = 0
        self._figures = {metric.name.removeprefix("bongsu_settings_"): metric.name for metric in METRICS}

    async def open(self) -> None:
        """Take up what screens set since the settings were read (or before, where a program gave them).

        Raises:
            StorageFull, Unavailable: the records can't be read.
        """
        for kept in await self._records.settings_versions(limit=1):
            if kept.number != self._standing.version:
                layer: dict[str, Any] = msgspec.json.decode(kept.layer)
                await self._into_force(stand(self.sources, layer, version=kept.number))
        for fault in self._standing.faults:
            _log.warning("setting_left_out", fault=fault.line(), action="set it anew on the screen, or take it back")

    # -- asked -------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings as they are wanted."""
        return self._standing.settings

    @property
    def sources(self) -> Sources:
        """What each place says, as it was read last and could be used."""
        return self._standing.sources

    def view(self, *, language: Language | None = None) -> SettingsView:
        """How they stand; see `settings_ports.SettingsDesk`."""
        standing = self._standing
        kinds, places = origins_of(standing.loaded.origins)
        return SettingsView(
            settings=shown(standing.settings, mask=HIDDEN),
            sources=kinds,
            origins=places,
            fixed=tuple(path for path in leaf_paths() if fixed_by(path, standing.loaded.origins)),
            barred=BARRED,
            faults=faults_told((*standing.faults, *self._broken), language or self._language),
            restart=self._waiting.paths(standing.settings),
            version=standing.version,
            sealing=self._sealing(),
        )

    async def preview(
        self, changes: Mapping[str, Any], reset: Sequence[str] = (), *, language: Language | None = None
    ) -> Preview:
        """What a change would do; see `settings_ports.SettingsDesk`."""
        language = language or self._language
        before = self.settings
        try:
            _, loaded = self._tried(changes, reset)
        except SettingsError as error:
            return Preview(faults=faults_told(error.faults, language))
        differing = differences(before, loaded.settings)
        return Preview(
            diff=differing,
            applies=sooner(one.applies for one in differing),
            effects=await effects_of(before, loaded.settings, self._prospect, language),
        )

    async def versions(self, *, limit: int = 100) -> list[SettingsVersion]:
        """What was changed by whom, newest first."""
        return [_version(one) for one in await self._records.settings_versions(limit=limit)]

    def export(self) -> Mapping[str, Any]:
        """A settings file that says what file and screens say, without secrets."""
        standing = self._standing
        by_hand = replace(standing.sources, dotenv={}, environment=_keys(standing.sources), flags={})
        try:
            return exported(put_together(by_hand, standing.layer).settings)
        except SettingsError:  # by themselves they can't be used: the environment gives what they need
            return exported(standing.settings)

    def figures(self) -> Iterable[Sample]:
        """Faults, version, what waits for a start, changes put in force."""
        values = {
            "faults": len(self._standing.faults) + len(self._broken),
            "version": self._standing.version,
            "waiting": len(self._waiting.paths(self.settings)),
            "applied_total": self._applied,
        }
        return [Sample(metric=self._figures[name], value=float(value)) for name, value in values.items()]

    # -- changed -----------------------------------------------------------------------------------------------

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
        """Keep a change and put it in force; see `settings_ports.SettingsDesk`."""
        async with self._changing:
            await self._fresh(version, language or self._language)
            await self._keep(
                lambda: self._tried(changes, reset), note=note, by=by, action="settings_changed", language=language
            )
        return self.view(language=language)

    async def roll_back(
        self, number: int, *, version: int | None, note: str, by: str, language: Language | None = None
    ) -> SettingsView:
        """Set what stood in an older version again; see `settings_ports.SettingsDesk`."""
        spoken = language or self._language
        async with self._changing:
            if version is not None:
                await self._fresh(version, spoken)
            layer = await self._layer_of(number, spoken)
            await self._keep(
                lambda: (layer, put_together(self.sources, layer)),
                note=note or f"= {number}",
                by=by,
                action="settings_rolled_back",
                language=language,
            )
        return self.view(language=language)

    async def reread(self) -> bool:
        """Read file and environment again and put in force what differs; False where they can't be used.

        What is wrong is logged and shown, and what ran goes on.
        """
        async with self._changing:
            old = self._standing
            sources, faults = await asyncio.to_thread(_read, old.sources, old.loaded.file is not None)
            try:
                if faults:
                    raise SettingsError(faults)
                fresh = stand(sources, old.layer, version=old.version)
                await self._into_force(fresh)
            except (SettingsError, Faulty) as error:
                self._broken = error.faults if isinstance(error, SettingsError) else _as_faults(error, sources)
                lines = [fault.line() for fault in self._broken]
                _log.warning("settings_wrong", file=sources.shown, faults=lines, action="what ran goes on")
                return False
            self._broken = ()
            return True

    # -- how ---------------------------------------------------------------------------------------------------

    @property
    def _language(self) -> Language:
        return self.settings.monitoring.language

    def _sealing(self) -> bool:
        try:
            keyring(self.sources.names, self.sources.folder)
        except KeyTrouble:
            return False
        return True

    def _tried(self, changes: Mapping[str, Any], reset: Sequence[str]) -> tuple[Mapping[str, Any], Loaded]:
        """The layer and the settings that a change makes.

        Raises:
            SettingsError: it can't be made.
        """
        layer, faults = changed(self._standing.layer, changes, reset, self.sources)
        if faults:
            raise SettingsError(faults)
        return layer, put_together(self.sources, layer)

    async def _fresh(self, version: int, language: Language) -> None:
        if version == self._standing.version:
            return
        kept = await self._records.settings_version(self._standing.version)
        by = kept.by if kept else "?"
        raise Conflict(
            say("stale", language, newest=self._standing.version, by=by, asked=version),
            hint=say("stale_hint", language),
        )

    async def _layer_of(self, number: int, language: Language) -> Mapping[str, Any]:
        if number == 0:
            return {}
        kept = await self._records.settings_version(number)
        if kept is None:
            raise NotFound(say("no_version", language, number=number))
        layer: dict[str, Any] = msgspec.json.decode(kept.layer)
        return layer

    async def _keep(
        self,
        made: Callable[[], tuple[Mapping[str, Any], Loaded]],
        *,
        note: str,
        by: str,
        action: str,
        language: Language | None,
    ) -> None:
        """Put a layer in force, then keep it; where it can't be kept, what was before is put in force again."""
        old = self._standing
        try:
            layer, loaded = made()
            layer = sealed(layer, loaded.settings, old.sources)
        except SettingsError as error:
            _refuse(error, language or self._language)
        differing = differences(old.settings, loaded.settings)
        if layer == old.layer and not differing:
            return
        number = old.version + 1
        fresh = Standing(sources=old.sources, loaded=loaded, layer=layer, version=number)
        await self._into_force(fresh)
        try:
            await self._record(fresh, differing, note=note, by=by, action=action)
        except Conflict:
            await self._into_force(old)
            await self.open()  # another process was faster: what it made is taken up
            raise
        except BaseException:
            await self._into_force(old)
            raise
        self._told(number)

    async def _record(
        self, fresh: Standing, differing: Sequence[Difference], *, note: str, by: str, action: str
    ) -> None:
        now, after = self._clock.now(), fresh.version - 1
        kept = await self._records.save_settings(
            msgspec.json.encode(fresh.layer).decode(),
            msgspec.json.encode(differing).decode(),
            after=after,
            at=now,
            by=by or _NOBODY,
            note=note[:_NOTE],
        )
        if kept is None:
            raise Conflict(
                say("stale", self._language, newest="?", by="?", asked=after), hint=say("stale_hint", self._language)
            )
        paths = ", ".join(one.path for one in differing)
        entry = AuditEntry(
            at=now, by=by or _NOBODY, action=action, subject="settings", detail=f"version {fresh.version}: {paths}"
        )
        await self._audit.note(entry)

    async def _into_force(self, fresh: Standing) -> None:
        """Put it in force as far as that can be.

        Raises:
            Faulty: a part can't take it up; what was before is in force.
        """
        old = self._standing
        before, after = in_force(self._started, old.settings), in_force(self._started, fresh.settings)
        if before != after:
            await self._apply(self._shape(before), self._shape(after))
            self._applied += 1
            _log.info("settings_applied", changed=[one.path for one in differences(before, after)])
        if later := self._waiting.paths(fresh.settings):
            _log.info("settings_wait", settings=list(later), action="they hold from the next start on")
        self._standing = fresh


def _read(sources: Sources, required: bool) -> tuple[Sources, list[Fault]]:
    """All places read again. A file that was there and is gone is a fault: an editor may be about to write it."""
    if sources.path is None:
        return sources, []
    config = sources.path if required else sources.config
    return read_sources(sources.flags, config=config, environment=sources.environment, folder=sources.folder)


def _keys(sources: Sources) -> dict[str, str]:
    """The names under which keys of secrets are found, which `.env` may hold too."""
    return {name: value for name, value in sources.names.items() if name.startswith("BONGSU_SECRET_KEY")}


def _refuse(error: SettingsError, language: Language) -> NoReturn:
    told = faults_told(error.faults, language)
    raise Faulty(tuple((one.path, f"{one.message}. {one.hint}" if one.hint else one.message) for one in told)) from None


def _as_faults(error: Faulty, sources: Sources) -> tuple[Fault, ...]:
    return tuple(
        Fault(path=path, code="other", origin=sources.shown, facts={"message": reason}) for path, reason in error.faults
    )


def _version(kept: KeptSettings) -> SettingsVersion:
    return SettingsVersion(
        number=kept.number, at=kept.at, by=kept.by, note=kept.note, changes=_DIFFERENCES.decode(kept.changes)
    )
