"""The command line's parser: help and mistakes in the language of the words, and what was probably meant.

Only the standard library, like everything that `--help` needs.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from bongsu.commands.words import Words

_MISTAKES = (
    (r"argument (?P<what>\S+): invalid choice: '(?P<given>.*)' \(choose from (?P<choices>.+)\)", "line_choice"),
    (r"argument (?P<what>\S+): invalid (?:int|float) value: '(?P<given>.*)'", "line_number"),
    (r"argument (?P<what>\S+): expected one argument", "line_value"),
    (r"argument (?P<what>\S+): not allowed with argument (?P<other>\S+)", "line_both"),
    (r"the following arguments are required: (?P<what>.+)", "line_missing"),
)
"""What argparse says of a mistake, and which of our sentences says the same; anything else is told as it is."""


class _Help(argparse.HelpFormatter):
    def __init__(self, *, words: Words, prog: str) -> None:
        super().__init__(prog)
        self._words = words

    def add_usage(
        self,
        usage: str | None,
        actions: Any,
        groups: Any,
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, self._words("line_usage") if prefix is None else prefix)


class CommandLine(argparse.ArgumentParser):
    """A parser, and those of its commands."""

    def __init__(self, prog: str | None = None, *, words: Words, **options: Any) -> None:
        super().__init__(prog, add_help=False, **options)
        self.words = words
        self._positionals.title = words("line_arguments")
        self._optionals.title = words("line_options")
        self.add_argument("-h", "--help", action="help", help=words("help"))

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As always, but what isn't known is a mistake of the command that it was given to, not of the first one."""
        found, extra = super().parse_known_args(args, namespace)
        if extra:
            self._unknown(extra)
        return found, extra

    def error(self, message: str) -> NoReturn:
        """Tell the mistake, what may be meant, and where help is; a group without its command tells its help. Exits."""
        if message.endswith("are required: COMMAND"):
            self.print_help(sys.stderr)
            self.exit(2)
        for pattern, code in _MISTAKES:
            match = re.fullmatch(pattern, message)
            if match:
                facts = {"given": "", "choices": "", "other": "", **match.groupdict()}
                choices = re.findall(r"[\w-]+", facts["choices"])
                self._wrong(self.words(code, **{**facts, "choices": ", ".join(choices)}), facts["given"], choices)
        self._wrong(message, "", ())

    def _get_formatter(self) -> argparse.HelpFormatter:
        return _Help(words=self.words, prog=self.prog)

    def _unknown(self, extra: Sequence[str]) -> NoReturn:
        given = extra[0].partition("=")[0]
        flags = [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]
        self._wrong(self.words("line_unknown", given=" ".join(extra)), given, flags if given.startswith("-") else ())

    def _wrong(self, sentence: str, given: str, known: Sequence[str]) -> NoReturn:
        near = get_close_matches(given, known, n=1)
        meant = [self.words("line_meant", meant=near[0])] if near else []
        self.exit(2, "\n".join([" ".join([sentence, *meant]), self.words("line_help", command=self.prog)]) + "\n")
