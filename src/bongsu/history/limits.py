"""How much history keeps, how long, and how much it takes at once."""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3_600_000
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long each tier is kept, in milliseconds: samples, minutes and hours."""

    raw: int = DAY
    minute: int = 30 * DAY
    hour: int = 730 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of memory and queues."""

    queued_samples: int = 400_000
    """Samples waiting to be written; beyond them the sender hears 429."""
    tail_samples: int = 6_000_000
    """Samples in no block yet, 16 bytes of memory each; from two thirds on they are sealed early."""
    blob_samples: int = 24_000_000
    """Samples in the tail's blobs, 8 bytes of the file each; beyond, series that hold old ones back are sealed."""
    block_samples: int = 3_600
    """Samples that a series gathers before they become a block."""
    grown_samples: int = 14_400
    """Samples that blocks of a series come to when small ones are taken in: a day is half a dozen of them."""
    tail_age: int = HOUR + HOUR // 12
    """Milliseconds after which a series' samples are sealed however few they are."""
    roll_minutes_after: int = 4 * HOUR
    """Milliseconds of samples that are rolled up to minutes together; queries make the rest from the samples."""
    roll_minutes_at_least: int = HOUR // 2
    """The same where memory is full of minutes that aren't rolled up."""
    roll_hours_after: int = DAY
    """Milliseconds of minutes that are rolled up to hours together."""
    block_records: int = 1_440
    """Minutes or hours that a block of them grows to."""
    seal_at_close: int = 50_000
    """Samples from which on the tail is sealed when history closes; fewer are left for the next start."""
    close_patience: float = 40.0
    """Seconds that closing spends on that at most; what is not sealed by then is safe in the tail."""
    group_window: float = 0.02
    """Seconds that a commit waits for others to join, at most."""
    group_samples: int = 100_000
    """Samples in one commit, about."""
