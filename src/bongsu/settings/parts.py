"""What every section of the settings is made of."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A frozen group of settings: unknown keys refused, types strict, values never shown in errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        validate_default=False,
        defer_build=True,  # a section is validated as part of the whole: 2.7 MiB less, and a quicker start
    )


def told(default: Any, *, en: str, ko: str, later: str = "", **bounds: Any) -> Any:
    """A setting with its sentence in both languages. `default` is its value, what makes it, or the section it is.

    `later` names the part of Bongsu that will read it, where nothing does yet: documents say so.
    """
    extra: dict[str, Any] = {"x-ko": ko}
    if later:
        extra["x-later"] = later
    if isinstance(default, type) and issubclass(default, BaseModel):
        # Made of nothing as it would be made of what is given: called, it would build a validator of its own (0.8 MiB).
        return Field(default_factory=dict, validate_default=True, description=en, json_schema_extra=extra, **bounds)
    if callable(default):
        return Field(default_factory=default, description=en, json_schema_extra=extra, **bounds)
    return Field(default, description=en, json_schema_extra=extra, **bounds)
