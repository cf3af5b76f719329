"""Every rule there is: those of thresholds and settings, and over them what was made or changed on a screen."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec
import structlog
from msgspec.structs import replace
from pydantic import ValidationError

from bongsu.alerts.backtest import Span, backtest
from bongsu.alerts.evaluation.words import Language
from bongsu.model.alert import AuditEntry
from bongsu.model.backtest import BackTest, Standing
from bongsu.model.errors import BadRequest, Faulty, NotFound, TooMany
from bongsu.model.rule import Rule, RuleSource, RuleVersion
from bongsu.ports import AuditRecords, Clock, History, RuleRecords, Scores
from bongsu.settings.faults import faults_in
from bongsu.settings.rules import RuleSection, body_of

MOST = 20_000
"""Rules in all."""

_ANSWERED = ("source", "names")
"""What an answer says of a rule besides itself."""

_log = structlog.get_logger(__name__)


def read(body: object, *, language: Language = "en", source: RuleSource = "screen") -> Rule:
    """A rule from decoded JSON.

    Raises:
        Faulty: it is none, with the path of each fault.
    """
    if isinstance(body, dict):
        body = {key: value for key, value in body.items() if key not in _ANSWERED}
    try:
        return RuleSection.model_validate(body).rule(source)
    except ValidationError as error:
        faults = faults_in(error, RuleSection, {})
        raise Faulty(tuple((fault.path, fault.sentence(language)) for fault in faults)) from None


def text_of(rule: Rule) -> str:
    """A rule as it is kept: JSON text, alike for alike rules."""
    return msgspec.json.encode(body_of(rule)).decode()


def difference(before: str | None, after: str | None) -> list[str]:
    """The lines by which two kept versions differ, each with - or + before it; None is a version that removes."""
    lines = difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _lines(text: str | None) -> list[str]:
    return [] if text is None else msgspec.json.format(text.encode(), indent=2).decode().splitlines()


class StoredRules:
    """Implements `ports.RuleBook`. `open` it before the first rule is asked for.

    Args:
        given: the rules of thresholds and settings; `give` changes them later.
        apply: puts a set of rules in force (`RuleEvaluator.replace`); awaited after each change.
        preview: tells how a rule stands (`RuleEvaluator.preview`).
        scores: the detectors, for testing rules about anomalies on the past; None where they are switched off.
    """

    def __init__(
        self,
        given: Iterable[Rule],
        *,
        records: RuleRecords,
        audit: AuditRecords,
        apply: Callable[[Sequence[Rule]], Awaitable[None]],
        preview: Callable[[Rule], Awaitable[list[Standing]]],
        history: History,
        clock: Clock,
        scores: Scores | None = None,
        language: Language = "ko",
        timezone: str = "Asia/Seoul",
    ) -> None:
        """Nothing is read yet."""
        self._given = {rule.id: rule for rule in given}
        self._made: dict[str, Rule] = {}
        self._records = records
        self._audit = audit
        self._apply = apply
        self._preview = preview
        self._history = history
        self._clock = clock
        self._scores = scores
        self._language: Language = language
        self._timezone = timezone
        self._changing = asyncio.Lock()

    async def open(self) -> None:
        """Read what was made here. What isn't a rule any more is left out, and the log says why.

        Raises:
            StorageFull, Unavailable: the records can't be read.
        """
        for rule_id, body in (await self._records.rules()).items():
            rule = self._readable(rule_id, body)
            if rule is not None:
                self._made[rule_id] = rule

    def _readable(self, rule_id: str, body: str) -> Rule | None:
        try:
            return replace(read(msgspec.json.decode(body)), id=rule_id)
        except (Faulty, msgspec.DecodeError) as error:
            _log.warning("rule_left_out", rule=rule_id, cause=str(error), action="correct or remove it")
            return None

    async def give(self, rules: Iterable[Rule]) -> None:
        """The settings changed: these are their rules now. What was made here stays over them."""
        async with self._changing:
            given = {rule.id: rule for rule in rules}
            await self._apply(_together(given, self._made))
            self._given = given

    # -- asked -------------------------------------------------------------------------------------------------

    def all(self) -> list[Rule]:
        """Every rule; see `ports.RuleBook`."""
        return _together(self._given, self._made)

    def get(self, rule_id: str) -> Rule:
        """One rule; see `ports.RuleBook`."""
        rule = self._made.get(rule_id) or self._given.get(rule_id)
        if rule is None:
            raise NotFound(f"there is no rule {rule_id[:64]!r}", hint="GET /api/v1/rules lists what there is")
        return rule

    async def versions(self, rule_id: str) -> list[RuleVersion]:
        """Every kept version; see `ports.RuleBook`."""
        kept = await self._records.versions(rule_id)
        if not kept:
            self.get(rule_id)
        found: list[RuleVersion] = []
        for number, at, by, body in kept:
            before = found[-1].body if found else None
            lines = tuple(difference(before, body)) if found else ()
            found.append(RuleVersion(number=number, at=at, by=by, body=body, difference=lines))
        return found

    # -- changed -----------------------------------------------------------------------------------------------

    async def save(self, body: object, *, by: str, rule_id: str | None = None) -> Rule:
        """Keep a rule and put it in force; see `ports.RuleBook`."""
        rule = read(body, language=self._language)
        async with self._changing:
            if rule_id is None:
                rule = self._new(rule, named=isinstance(body, dict) and bool(body.get("id")))
            else:
                self.get(rule_id)
                if isinstance(body, dict) and body.get("id") not in (None, "", rule_id):
                    raise Faulty((("id", self._say_id(rule_id)),))
                rule = replace(rule, id=rule_id)
            await self._keep(rule, by)
        return rule

    def _new(self, rule: Rule, *, named: bool) -> Rule:
        known = self._made.keys() | self._given.keys()
        if len(known) >= MOST:
            raise TooMany(f"there are {MOST} rules already", hint="one rule can watch many series: see by and labels")
        if rule.id not in known:
            return rule
        if named:
            taken = "another rule has this id" if self._language == "en" else "이 id를 쓰는 규칙이 이미 있습니다"
            raise Faulty((("id", taken),))
        number = next(number for number in range(2, MOST + 2) if f"{rule.id[:58]}-{number}" not in known)
        return replace(rule, id=f"{rule.id[:58]}-{number}")

    def _say_id(self, rule_id: str) -> str:
        if self._language == "en":
            return f"must be {rule_id}: a rule keeps its id"
        return f"{rule_id} 이어야 합니다. 규칙의 id는 바뀌지 않습니다"

    async def _keep(self, rule: Rule, by: str) -> None:
        text = text_of(rule)
        before = self._made.get(rule.id)
        if before is not None and text_of(before) == text:
            return
        now = self._clock.now()
        given = self._given.get(rule.id)
        if given is not None and not await self._records.versions(rule.id):
            # so that the first change can be compared with, and rolled back to, what the settings say
            await self._records.save_rule(rule.id, text_of(given), at=now, by=given.source)
        number = await self._records.save_rule(rule.id, text, at=now, by=by)
        await self._note("rule_saved", rule.id, f"version {number}", by)
        self._made[rule.id] = rule
        await self._apply(self.all())

    async def remove(self, rule_id: str, *, by: str) -> Rule | None:
        """Drop what was made here; see `ports.RuleBook`."""
        async with self._changing:
            await self._drop(rule_id, by)
            return self._given.get(rule_id)

    async def _drop(self, rule_id: str, by: str) -> None:
        if rule_id not in self._made and rule_id not in await self._records.rules():
            self.get(rule_id)
            raise BadRequest(
                f"rule {rule_id} comes from the settings", hint="take it out there, or switch it off: enabled false"
            )
        number = await self._records.save_rule(rule_id, None, at=self._clock.now(), by=by)
        await self._note("rule_removed", rule_id, f"version {number}", by)
        self._made.pop(rule_id, None)
        await self._apply(self.all())

    async def roll_back(self, rule_id: str, number: int, *, by: str) -> Rule | None:
        """Put an old version in force again; see `ports.RuleBook`."""
        async with self._changing:
            kept = {one: body for one, _, _, body in await self._records.versions(rule_id)}
            if number not in kept:
                self.get(rule_id)
                raise NotFound(f"rule {rule_id} has no version {number}", hint=f"there are {sorted(kept) or 'none'}")
            body = kept[number]
            if body is None:
                await self._drop(rule_id, by)
                return self._given.get(rule_id)
            rule = replace(read(msgspec.json.decode(body), language=self._language), id=rule_id)
            await self._keep(rule, by)
            return rule

    async def _note(self, action: str, rule_id: str, detail: str, by: str) -> None:
        await self._audit.note(AuditEntry(at=self._clock.now(), by=by, action=action, subject=rule_id, detail=detail))

    # -- tried -------------------------------------------------------------------------------------------------

    async def backtest(self, body: object, *, start: int, end: int, step: int | None = None) -> BackTest:
        """What a rule would have done; see `ports.RuleBook`."""
        rule = read(body, language=self._language)
        span = Span.of(start, end, step)
        return await backtest(rule, span, history=self._history, timezone=self._timezone, scores=self._scores)

    async def preview(self, body: object) -> list[Standing]:
        """How a rule stands now; see `ports.RuleBook`."""
        return await self._preview(replace(read(body, language=self._language), enabled=True))


def _together(given: dict[str, Rule], made: dict[str, Rule]) -> list[Rule]:
    kept = [made.get(rule_id, rule) for rule_id, rule in given.items()]
    return [*kept, *(rule for rule_id, rule in made.items() if rule_id not in given)]
