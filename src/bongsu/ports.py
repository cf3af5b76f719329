"""The sockets between rooms, as Protocols: a stage knows these and the model, never another stage."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from bongsu.model.alert import Alert, AuditEntry, Delivery, DeliveryState, Notice, Severity, Silence, Transition
from bongsu.model.backtest import BackTest, Standing
from bongsu.model.channel import ChannelStatus
from bongsu.model.metric import Topic
from bongsu.model.process import TopList
from bongsu.model.query import Latest, Points, RangeQuery
from bongsu.model.request import Requests, ServiceView
from bongsu.model.rule import Rule, RuleVersion
from bongsu.model.sample import Batch, Float64s, Int64s, Labels, Receipt, Refusal, Sample
from bongsu.model.shop import ShopView


class Clock(Protocol):
    """Where time comes from. Tests bring one that they advance by hand."""

    def now(self) -> int:
        """Wall time, UTC milliseconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    async def sleep_until(self, moment: float) -> None:
        """Wait until `monotonic()` reaches `moment`."""
        ...


@runtime_checkable
class Collector(Protocol):
    """Something that is read at intervals.

    `collect` may be a plain method (run in a thread, so it may block) or a coroutine. An error is logged
    and counted by the scheduler and harms no other collector.
    """

    @property
    def name(self) -> str:
        """Unique among the collectors; the label of its counters."""
        ...

    @property
    def interval(self) -> float:
        """Seconds between two readings."""
        ...

    def collect(self) -> Iterable[Sample] | Awaitable[Iterable[Sample]]:
        """One reading. Samples without a time get the time at which the reading started."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A part that tells figures about itself (queue lengths, drops, times)."""

    def figures(self) -> Iterable[Sample]:
        """Its present figures, named `bongsu_…`, each in the catalogue. Cheap; called every interval."""
        ...


class Gate(Protocol):
    """Where samples are checked, stamped and bounded."""

    def admit(self, samples: Sequence[Sample], *, at: int | None = None) -> tuple[Batch, tuple[Refusal, ...]]:
        """The good samples as columns, the others with index and reason. `at` stamps those without a time."""
        ...


class Intake(Protocol):
    """Where bodies pushed to us are decoded, admitted and acknowledged."""

    async def take(self, body: bytes, *, content_type: str, encoding: str, sender: str) -> Receipt:
        """Take one body of samples and return once what was accepted is kept.

        Raises:
            BadRequest, TooLarge, UnsupportedType, NothingAcceptable, TooMany, Unavailable, StorageFull
        """
        ...


class Taker(Protocol):
    """The way onward for admitted samples: the pipeline, seen from the intake."""

    async def take(self, batch: Batch) -> None:
        """Show the samples and keep them; returns once history holds them."""
        ...


class Tap(Protocol):
    """A stage that looks at what passes: rules, detectors."""

    def observe(self, batch: Batch) -> None:
        """See admitted samples, on the event loop: take note and do the work later; never block or raise."""
        ...


class Announcer(Protocol):
    """Where single events reach the screens at once: the live hub, seen from a stage."""

    def announce(
        self, kind: Literal["alert", "check", "mark"], body: Mapping[str, object], *, topic: Topic | None = None
    ) -> None:
        """Tell an event, in order with the samples; the body's keys stand beside `t`, `seq`, `at`. Never blocks."""
        ...


class Scores(Protocol):
    """How far out of the ordinary each series' newest value is."""

    def score_of(self, series: Int64s) -> Float64s:
        """The newest score of each series id (the detector's unit); NaN where there is none."""
        ...

    def scores_over(self, found: Sequence[Points]) -> list[Float64s]:
        """The score of each point of series of one metric, worked out again by the points before it; NaN: unknown.

        It takes some 0.1 ms a moment: call it in a thread.
        """
        ...


class History(Protocol):
    """Samples over time."""

    async def append(self, batch: Batch) -> None:
        """Keep the samples; returns once they survive a crash of ours (`sync: interval`) or power loss (`commit`).

        Raises:
            TooMany: the queue of unwritten samples is full.
            StorageFull: the disk is full.
            Unavailable: the store can't be written.
        """
        ...

    async def range(self, query: RangeQuery) -> list[Points]:
        """The selected series in the range; series without a point in it are left out."""
        ...

    async def close(self) -> None:
        """Write everything accepted and let go of the files."""
        ...


class Prompt(Protocol):
    """Samples over time, for those who would rather not wait for a thread."""

    def at_once(self, query: RangeQuery) -> list[Points] | None:
        """The answer of `History.range` where it takes about a millisecond; None where it might take longer."""
        ...


class Newest(Protocol):
    """The newest value of every series, to read."""

    def latest(self, metric: str | None = None, labels: Labels = ()) -> list[Latest]:
        """The newest sample of each selected series (all without a metric), in the order first seen."""
        ...


class Live(Newest, Protocol):
    """The newest value of every series, and whoever watches them."""

    def publish(self, batch: Batch) -> None:
        """Take new samples; watchers see them at the next tick. Never blocks."""
        ...


class Processes(Protocol):
    """Who uses the machine most."""

    def top(self) -> TopList | None:
        """The newest list of the busiest and largest processes; None before the first reading."""
        ...


class AlertRecords(Protocol):
    """Where alerts are remembered, and what is to be told of them, in one transaction."""

    async def commit(self, transitions: Sequence[Transition], notices: Sequence[Notice] = ()) -> None:
        """Keep the transitions and put the notices into the outbox: all of it or nothing.

        Of a run of `updated` steps that tell nothing but newer values and words, only the last is kept.

        Raises:
            StorageFull, Unavailable: nothing was kept.
        """
        ...

    async def living(self) -> list[Alert]:
        """Every alert whose phase is not `resolved` (pending ones too), and those resolved but not yet told of.

        Not yet told of: the newest notice that carries the alert, sent or still waiting, shows it as open.
        """
        ...

    async def alert(self, alert_id: str) -> Alert | None:
        """One alert by its id, as it stands."""
        ...

    async def past(self, *, start: int, end: int, text: str = "", limit: int = 200) -> list[Alert]:
        """Alerts with start ≤ fired_at < end, newest first; `text` must occur in message, metric or a label."""
        ...

    async def transitions(self, *, alert_id: str | None = None, start: int = 0, limit: int = 500) -> list[Transition]:
        """Steps from `start` on, oldest first; of one alert, or of all."""
        ...

    async def deliveries_of(self, alert_id: str, *, limit: int = 100) -> list[Delivery]:
        """The deliveries whose notices carry this alert, newest first."""
        ...


class Outbox(Protocol):
    """Notices on their way out: durable, each delivered at least once."""

    async def put(self, notices: Sequence[Notice]) -> None:
        """Add notices of their own (tests, plain messages), due at their `at`; a known id is not added twice."""
        ...

    async def due(self, now: int, *, limit: int = 100, channel: str | None = None) -> list[Delivery]:
        """Waiting deliveries (of one channel, or of all) whose `next_at` ≤ now, worst severity first, then oldest."""
        ...

    async def waiting(self, *, channel: str | None = None, skip: int = 0, limit: int | None = None) -> list[Delivery]:
        """What is undelivered (of one channel, or of all), oldest first, from place `skip` on."""
        ...

    async def delivery(self, notice_id: str) -> Delivery | None:
        """The delivery of one notice, whatever its state; None where there is none."""
        ...

    async def counts(self) -> dict[str, tuple[int, int]]:
        """How many wait and how many are dead, by channel; channels without either are left out."""
        ...

    async def mark(self, deliveries: Sequence[Delivery]) -> None:
        """Write how these deliveries stand now (by the notice's id); the notice itself stays as it was put."""
        ...

    async def done(self, *, start: int = 0, limit: int = 200, state: DeliveryState | None = None) -> list[Delivery]:
        """Sent, dead and dropped ones (or those of one `state`), newest first: the receipts."""
        ...


class SilenceRecords(Protocol):
    """Silences and maintenance windows."""

    async def save(self, silence: Silence) -> None:
        """Add or replace by id."""
        ...

    async def silences(self, *, ended: bool = False) -> list[Silence]:
        """Those that are or will be in force; with `ended` all."""
        ...


class RuleRecords(Protocol):
    """Rules that were made on a screen or through REST, every version kept. A rule is its JSON text."""

    async def save_rule(self, rule_id: str, body: str | None, *, at: int, by: str) -> int:
        """Keep a new version (None: removed); its number, from 1."""
        ...

    async def rules(self) -> dict[str, str]:
        """The present body of each rule."""
        ...

    async def versions(self, rule_id: str) -> list[tuple[int, int, str, str | None]]:
        """Number, time (UTC ms), author and body of each version, oldest first."""
        ...


class RuleBook(Protocol):
    """The rules in force, wherever they come from, and every change of those that were changed here."""

    def all(self) -> list[Rule]:
        """Every rule, disabled ones too: those of thresholds, then of the settings, then those made here."""
        ...

    def get(self, rule_id: str) -> Rule:
        """One rule.

        Raises:
            NotFound: there is none of that id.
        """
        ...

    async def save(self, body: object, *, by: str, rule_id: str | None = None) -> Rule:
        """Keep a rule (a decoded JSON object) and put it in force; with `rule_id` it replaces or overrides that one.

        Raises:
            Faulty: it is no rule, with the path of each fault. NotFound: there is none of that id.
            StorageFull, Unavailable: it wasn't kept; the rules run on as before.
        """
        ...

    async def remove(self, rule_id: str, *, by: str) -> Rule | None:
        """Drop what was made here: the rule is gone, or is the settings' own again (which is returned).

        Raises:
            NotFound: there is none of that id. BadRequest: it comes from the settings alone.
        """
        ...

    async def versions(self, rule_id: str) -> list[RuleVersion]:
        """Every version that was kept, oldest first; none of a rule that only the settings know.

        Raises:
            NotFound: there is none of that id and never was.
        """
        ...

    async def roll_back(self, rule_id: str, number: int, *, by: str) -> Rule | None:
        """Put an old version in force again, as a new one; None where that version was the removal.

        Raises:
            NotFound: there is no such rule or version. Faulty: that version is no rule any more.
        """
        ...

    async def backtest(self, body: object, *, start: int, end: int, step: int | None = None) -> BackTest:
        """What the rule would have done from `start` to `end` (UTC ms); nothing is kept or told.

        Raises:
            Faulty: it is no rule. BadRequest: the range or the step can't be used.
        """
        ...

    async def preview(self, body: object) -> list[Standing]:
        """How the rule stands now for each series or group, worst first.

        Raises:
            Faulty: it is no rule.
        """
        ...


class AuditRecords(Protocol):
    """The append-only list of who did what."""

    async def note(self, entry: AuditEntry) -> None:
        """Append an entry."""
        ...

    async def audit(self, *, start: int = 0, limit: int = 200) -> list[AuditEntry]:
        """Entries from `start` on, newest first."""
        ...


class Channel(Protocol):
    """A way to reach people."""

    @property
    def name(self) -> str:
        """Unique among the channels: `slack`, `telegram`, `email`, `webhook:ops`, `apprise:1`."""
        ...

    async def send(self, notice: Notice) -> str:
        """Deliver one notice; a receipt (the service's message id) or "".

        Raises:
            ChannelError: not delivered; says whether trying again can help and when.
        """
        ...


class Acknowledger(Protocol):
    """Where an answer given in a message goes: the alert service, seen from a channel with buttons."""

    async def acknowledge(self, alert_id: str, *, by: str, note: str = "") -> object:
        """Somebody has this alert in hand; `by` is untrusted text.

        Raises:
            BongsuError: it can't be acknowledged (unknown, over); the text is told to whoever pressed the button.
        """
        ...


class Notifications(Protocol):
    """Notification as a view needs it: how the channels stand, what was sent, and sending by hand."""

    async def channels(self) -> list[ChannelStatus]:
        """Every channel that is set up, and every other one for which notices wait."""
        ...

    async def test(self, name: str) -> str:
        """Send a test message through one channel at once; the service's receipt.

        Raises:
            NotFound: there is no such channel.
            ChannelError: it was not delivered.
        """
        ...

    async def deliveries(self, state: DeliveryState | None = None, *, limit: int = 200) -> list[Delivery]:
        """Notices, newest first: of one state, or of all."""
        ...

    async def resend(self, notice_id: str) -> Delivery:
        """Put a dead or dropped notice on its way again.

        Raises:
            NotFound: there is no such notice.
            BadRequest: it is on its way, or was delivered.
        """
        ...

    async def send(
        self, message: str, *, level: Severity = "info", channels: Sequence[str] | None = None
    ) -> list[Notice]:
        """Tell people something that is no alert, through the named channels or all; durable once this returns.

        Raises:
            BadRequest: a channel isn't set up, or there is none.
        """
        ...


class ShopReader(Protocol):
    """The shop's figures, as they were read last."""

    def view(self) -> ShopView:
        """The newest figures, with how they stand."""
        ...


class RequestBook(Protocol):
    """Where requests that services answered are counted."""

    def take(self, items: Sequence[Requests]) -> Receipt:
        """Count what a program sent; faulty items are refused one by one.

        Raises:
            NothingAcceptable: there were items, and all were refused.
        """
        ...

    def views(self) -> list[ServiceView]:
        """Every service during the last minute, the failing ones first, then the slowest."""
        ...
