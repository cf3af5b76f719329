"""Lengths of time as people write them: `1ms`, `60s`, `15m`, `24h`, `7d`, `2y`."""

from __future__ import annotations

import re
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_MILLISECONDS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 7 * 86_400_000,
    "y": 365 * 86_400_000,
}
_SPELLING = r"^\s*(\d{1,12}(?:\.\d{1,6})?)\s*(ms|s|m|h|d|w|y)\s*$"
_LONGEST = 100 * 365 * 86_400_000


class Duration(int):
    """A length of time in milliseconds that remembers how people write it.

    It is an `int`, so it can be added to UTC milliseconds as it is.
    """

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read `24h`; a year is 365 days.

        Raises:
            ValueError: the text is no duration, or longer than a hundred years.
        """
        match = re.match(_SPELLING, text)
        if match is None:
            raise ValueError(f"{text!r} is not a duration: write a number and one of {', '.join(_MILLISECONDS)}")
        milliseconds = round(float(match[1]) * _MILLISECONDS[match[2]])
        if milliseconds > _LONGEST:
            raise ValueError(f"{text!r} is longer than a hundred years")
        return cls(milliseconds)

    @property
    def seconds(self) -> float:
        """The same in seconds."""
        return int(self) / 1000

    def __str__(self) -> str:
        """The shortest spelling in the largest unit that divides it: `24h` is `1d`."""
        for unit in ("y", "d", "h", "m", "s"):
            whole, rest = divmod(int(self), _MILLISECONDS[unit])
            if whole and not rest:
                return f"{whole}{unit}"
        return f"{int(self)}ms" if self else "0s"

    def __repr__(self) -> str:
        return f"Duration.parse({str(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _validated, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": _SPELLING, "examples": ["60s", "24h", "7d"]}


def _validated(value: object) -> Duration:
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("duration", "must be a duration such as 60s")
    try:
        return Duration.parse(value)
    except ValueError:
        raise PydanticCustomError("duration", "must be a duration such as 60s") from None
