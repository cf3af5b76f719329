"""An alert and its life: what is wrong, since when, who knows, and every change on the way."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from bongsu.model.sample import Labels

Severity: TypeAlias = Literal["info", "warning", "error", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error", "critical")
"""From the least to the worst."""

Phase: TypeAlias = Literal["pending", "firing", "acknowledged", "resolved"]
"""Where an alert is in its life; one that never was, or is over and told, is simply absent (inactive)."""

Change: TypeAlias = Literal[
    "pending",
    "dropped",
    "fired",
    "updated",
    "acknowledged",
    "unacknowledged",
    "resolved",
    "silenced",
    "unsilenced",
    "inhibited",
    "uninhibited",
    "flapping",
    "steady",
]
"""What happened: `dropped` is a pending alert whose condition ended before its duration had passed."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel was last told of an alert: as what, how bad, when (UTC ms)."""

    channel: str
    state: Literal["open", "acknowledged", "resolved"]
    severity: Severity
    at: int


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One trouble as it stands. All times are UTC milliseconds.

    `fingerprint` is equal for the same trouble (rule, metric and labels; for a pushed alert metric and labels, else its
    message); `id` is new each time it begins. `message` and labels are untrusted text; `messages` has the message by
    other languages, where the words are ours and not somebody's own. `seen_at` is when its sender or its rule last
    confirmed it, `clearing_at` since when its condition has been over while it is still held; `fires` are the recent
    moments at which this trouble began, from which flapping is told. `audible_at` is since when people are to hear of
    it without a break (fired, silence or inhibition over, acknowledgement lapsed), from where escalation counts.
    `heard` says what each channel was last told.
    """

    id: str
    fingerprint: str
    source: Literal["rule", "pushed"]
    severity: Severity
    phase: Phase
    message: str
    pending_at: int
    changed_at: int
    messages: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    metric: str = ""
    labels: Labels = ()
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    fired_at: int | None = None
    acknowledged_at: int | None = None
    acknowledged_by: str = ""
    acknowledged_until: int | None = None
    note: str = ""
    resolved_at: int | None = None
    seen_at: int = 0
    no_data: bool = False
    flapping: bool = False
    silenced_by: str = ""
    inhibited_by: str = ""
    for_ms: int = 0
    keep_firing_ms: int = 0
    clearing_at: int | None = None
    fires: tuple[int, ...] = ()
    audible_at: int | None = None
    heard: tuple[Heard, ...] = ()
    channels: tuple[str, ...] = ()
    escalation: str = ""
    group_by: tuple[str, ...] = ()

    def said(self, language: str) -> str:
        """The message in this language, where it is known in it, else as it was written."""
        return dict(self.messages).get(language, self.message)

    @property
    def open(self) -> bool:
        """Whether somebody may still have to act."""
        return self.phase in ("firing", "acknowledged")


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an alert's life: the alert as it stands after it."""

    alert: Alert
    change: Change
    at: int
    by: str = ""
    note: str = ""


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that somebody's program sent (`POST /api/v1/alerts`), checked. `at` is UTC ms."""

    at: int
    severity: Severity
    message: str
    metric: str = ""
    labels: Labels = ()
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    resolved: bool = False


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """While it lasts, matching alerts live on but tell nobody.

    `matchers` are pairs of a name (`rule`, `metric`, `severity` or a label's) and a value that must be equal; a value
    ending in `*` matches a prefix. `repeats` is empty, or says when it comes back: `daily`, `weekday`, `weekend`, or
    days such as `mon,thu` (then `starts_at`…`ends_at` give the time of day, in `timezone`, and `until` the last day).
    """

    id: str
    matchers: tuple[tuple[str, str], ...]
    starts_at: int
    ends_at: int
    reason: str
    by: str
    created_at: int
    repeats: str = ""
    timezone: str = "Asia/Seoul"
    until: int | None = None
    ended_at: int | None = None


NoticeKind: TypeAlias = Literal[
    "fired", "resolved", "repeated", "escalated", "acknowledged", "summary", "test", "message"
]


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one channel. `id` is its idempotency key: a second delivery of the same notice carries it too.

    `alerts` are those it tells of, worst first, as they stood when it was written, `more` how many it tells of besides;
    `text` is for a `message` that tells of no alert.
    """

    id: str
    kind: NoticeKind
    channel: str
    severity: Severity
    at: int
    group: str = ""
    alerts: tuple[Alert, ...] = ()
    text: str = ""
    language: Literal["ko", "en"] = "ko"
    step: int = 0
    more: int = 0


DeliveryState: TypeAlias = Literal["waiting", "sent", "dead", "dropped"]
"""`dead`: given up on, can be sent again by hand; `dropped`: made needless by a summary or by the channel's removal."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A notice on its way: how often it was tried, when next, and what came of it."""

    notice: Notice
    state: DeliveryState = "waiting"
    attempts: int = 0
    next_at: int = 0
    error: str = ""
    receipt: str = ""
    channel_used: str = ""
    done_at: int | None = None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who changed what, when; never a secret."""

    at: int
    by: str
    action: str
    subject: str
    detail: str = ""
