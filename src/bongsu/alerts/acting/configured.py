"""From the settings to actions."""

from __future__ import annotations

from bongsu.alerts.acting.action import Action, BuiltIn, Command, Deed, Function, HttpCall, Taken
from bongsu.settings.actions import ActionSection
from bongsu.settings.model import Settings


def actions_of(settings: Settings) -> tuple[Action, ...]:
    """Every action of the settings."""
    return tuple(
        Action(
            name=one.name,
            deed=_deed(one),
            on=frozenset(one.on),
            severities=frozenset(one.severities),
            matchers=tuple(one.matchers.items()),
            dry_run=one.dry_run,
            cooldown=int(one.cooldown),
            per_hour=one.per_hour,
            time_out=int(one.time_out),
        )
        for one in settings.actions
    )


def _deed(section: ActionSection) -> Deed:
    if section.command is not None:
        arguments = (
            one if isinstance(one, str) else Taken(label=one.label, type=one.type, choices=tuple(one.choices))
            for one in section.command.arguments
        )
        return Command(program=section.command.program, arguments=tuple(arguments))
    if section.http is not None:
        headers = {name: value.get_secret_value() for name, value in section.http.headers.items()}
        return HttpCall(url=section.http.url.get_secret_value(), headers=headers)
    if section.function is not None:
        return Function(path=section.function)
    return BuiltIn(name=section.built_in or "")
