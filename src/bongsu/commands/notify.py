"""`bongsu notify test`: a message through each channel, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bongsu.clock import SystemClock
from bongsu.commands import config as settings
from bongsu.commands.words import Words
from bongsu.model.errors import ChannelError
from bongsu.notify.memory import MemoryOutbox
from bongsu.notify.notifier import Notifier
from bongsu.settings.model import Settings


def test(words: Words, config: Path | None, channels: Sequence[str]) -> int:
    """Print a line a channel; 1 where one didn't deliver, or where there is none."""
    loaded = settings.read(words, config)
    if loaded is None:
        return 1
    return asyncio.run(_test(Words(loaded.settings.monitoring.language), loaded.settings, channels))


async def _test(words: Words, found: Settings, channels: Sequence[str]) -> int:
    notifier = await Notifier.open(found, outbox=MemoryOutbox(), clock=SystemClock())
    try:
        if not notifier.names:
            print(words("notify_none"))
            return 1
        failed = 0
        for name in channels or notifier.names:
            failed += not await _told(words, notifier, name)
        return int(failed > 0)
    finally:
        await notifier.stop()


async def _told(words: Words, notifier: Notifier, name: str) -> bool:
    if name not in notifier.names:
        print(words("notify_unknown", channel=name, known=", ".join(notifier.names)))
        return False
    try:
        receipt = await notifier.test(name)
    except ChannelError as error:
        print(words("notify_failed", channel=name, reason=error.detail))
        return False
    print(words("notify_sent", channel=name, receipt=f" ({receipt})" if receipt else ""))
    return True
