"""Time zones by name, as settings name them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic_core import PydanticCustomError


def known_zone(name: str) -> str:
    """The name, if there is such a zone.

    Raises:
        PydanticCustomError: there is none.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("timezone", "must be a time zone such as Asia/Seoul") from None
    return name
