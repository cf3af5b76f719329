"""What screens set, read from the records before the server starts: much of it holds from the start on only."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from bongsu.clock import SystemClock
from bongsu.model.errors import BongsuError
from bongsu.model.setting import KeptSettings
from bongsu.settings.load import Loaded, Sources
from bongsu.settings.standing import Standing, stand


def remembered(loaded: Loaded, *, data: Path) -> Standing:
    """The settings as loaded, with what the records in the folder `data` say that screens set.

    Records that can't be read are left for the start, which says so; values that can't be used are left out and told.
    """
    sources = loaded.sources or Sources()
    owner = loaded.settings.server.role == "owner"  # a viewer has no records
    kept = asyncio.run(_newest(data)) if owner and (data / "records.db").exists() else None
    if kept is None:
        return Standing(sources=sources, loaded=loaded)
    layer: dict[str, Any] = msgspec.json.decode(kept.layer)
    return stand(sources, layer, version=kept.number)


async def _newest(data: Path) -> KeptSettings | None:
    from bongsu.records.sql import SqlRecords  # 12 MiB, which the server pays anyway

    try:
        records = await SqlRecords.open(data, clock=SystemClock())
    except BongsuError:
        return None
    try:
        return next(iter(await records.settings_versions(limit=1)), None)
    except BongsuError:
        return None
    finally:
        await records.close()
