"""The command `bongsu`, and the flags of `run_monitoring_dashboard.py`.

Only the standard library is imported up here: what a command needs it imports itself, so that a missing
package ends in one clear line and `--version` is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bongsu.commands.line import CommandLine
from bongsu.commands.words import Words, words_for
from bongsu.version import __version__

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[CommandLine]

    from bongsu.commands.server import Where

ROOT = Path(__file__).resolve().parents[2]
"""The checkout, where Bongsu runs from one."""


_ROLES = ("viewer", "operator", "admin")
_SCOPES = ("read", "write", "ingest", "admin")


def entry() -> None:
    """The console script `bongsu`."""
    raise SystemExit(main(sys.argv[1:]))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status: 0 well, 1 something is wrong, 2 it was called wrongly."""
    words = words_for(os.environ)
    arguments = command_line(words).parse_args(argv)  # not kept: what all commands can do is 0.3 MiB
    if "run" not in arguments:
        command_line(words).print_help()
        return 0
    return _guarded(words, lambda: int(arguments.run(words, arguments)))


def dashboard(argv: Sequence[str] | None = None) -> int:
    """Run `run_monitoring_dashboard.py` with its flags; without any it starts everything."""
    words = words_for(os.environ)
    parser = CommandLine("run_monitoring_dashboard.py", words=words, description=words("dashboard"))
    choice = parser.add_mutually_exclusive_group()
    for flag in ("streamlit", "check_deps", "validate_config", "test"):
        choice.add_argument(f"--{flag.replace('_', '-')}", action="store_true", help=words(f"flag_{flag}"))
    _up_flags(parser, words)
    arguments = parser.parse_args(argv)
    run: Callable[[Words, argparse.Namespace], int] = _up
    if arguments.check_deps:
        run = _check_deps
    elif arguments.validate_config:
        run = _validate
    elif arguments.test:
        run = _check
    elif arguments.streamlit:
        run = _streamlit
    return _guarded(words, lambda: run(words, arguments))


def _guarded(words: Words, run: Callable[[], int]) -> int:
    try:
        status = run()
        sys.stdout.flush()
        return status
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "bongsu":
            raise
        print(words("package_missing", name=error.name), file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(words("interrupted"), file=sys.stderr)
        return 130


def command_line(words: Words) -> CommandLine:
    """The arguments of `bongsu`, with the help in the language of the words."""
    parser = CommandLine("bongsu", words=words, description=words("about"))
    parser.add_argument("--version", action="version", version=f"bongsu {__version__}", help=words("version"))
    commands = parser.add_subparsers(metavar="COMMAND", title=words("line_commands"))
    up = _command(commands, words, "up", _up)
    _up_flags(up, words)
    check = _command(commands, words, "check", _check)
    _config_flag(check, words)
    doctor = _command(commands, words, "doctor", _doctor)
    _config_flag(doctor, words)
    doctor.add_argument("--json", action="store_true", help=words("flag_json"))
    config = _group(commands, words, "config")
    show = _command(config, words, "show", _show, text="config_show")
    _config_flag(show, words)
    show.add_argument("--json", action="store_true", help=words("flag_json"))
    _command(config, words, "schema", _schema, text="config_schema")
    _config_flag(_command(config, words, "validate", _validate, text="config_validate"), words)
    replay = _command(commands, words, "replay", _replay)
    replay.add_argument("file", type=Path, metavar="FILE", help=words("replay_file"))
    replay.add_argument("--feed", required=True, metavar="F", help=words("replay_feed"))
    replay.add_argument("--speed", default="1x", metavar="10x", help=words("flag_speed"))
    _server_flags(replay, words)
    notify = _group(commands, words, "notify")
    test = _command(notify, words, "test", _notify_test, text="notify_test")
    _config_flag(test, words)
    test.add_argument("channels", nargs="*", metavar="CHANNEL", help=words("notify_channels"))
    checks = _command(commands, words, "checks", _checks)
    _config_flag(checks, words)
    checks.add_argument("--json", action="store_true", help=words("flag_json"))
    checks.add_argument("--watch", action="store_true", help=words("flag_watch"))
    shop = _group(commands, words, "shop")
    _config_flag(_command(shop, words, "check", _shop_check, text="shop_check"), words)
    _rules_commands(_group(commands, words, "rules"), words)
    _secrets_commands(_group(commands, words, "secrets"), words)
    _user_commands(_group(commands, words, "user"), words)
    _token_commands(_group(commands, words, "token"), words)
    return parser


def _user_commands(users: Commands, words: Words) -> None:
    for name in ("add", "list", "disable", "enable", "password", "role", "remove"):
        text = "user_password_about" if name == "password" else f"user_{name}"
        one = _command(users, words, name, _user, text=text)
        one.set_defaults(deed=name)
        if name != "list":
            one.add_argument("name", metavar="NAME", help=words("user_name"))
        if name == "role":
            one.add_argument("role", metavar="ROLE", choices=_ROLES, help=words("user_role_value"))
        if name == "add":
            one.add_argument("--role", choices=_ROLES, help=words("user_role_value"))
        _where_flags(one, words)


def _token_commands(tokens: Commands, words: Words) -> None:
    create = _command(tokens, words, "create", _token_create, text="token_create")
    create.add_argument("name", metavar="NAME", help=words("token_name"))
    create.add_argument("--scope", action="append", choices=_SCOPES, required=True, help=words("flag_scope"))
    create.add_argument("--expires", metavar="90d", help=words("flag_expires"))
    listing = _command(tokens, words, "list", _token_list, text="token_list")
    revoke = _command(tokens, words, "revoke", _token_revoke, text="token_revoke")
    revoke.add_argument("id", metavar="ID", help=words("token_id"))
    for one in (create, listing, revoke):
        _where_flags(one, words)


def _where_flags(parser: argparse.ArgumentParser, words: Words) -> None:
    _config_flag(parser, words)
    parser.add_argument("--data", metavar="DIR", help=words("flag_data"))


def _secrets_commands(secrets: Commands, words: Words) -> None:
    key = _command(secrets, words, "key", _secrets_key, text="secrets_key")
    key.add_argument("--file", type=Path, metavar="FILE", help=words("flag_key_file"))
    for name, run in (("encrypt", _secrets_encrypt), ("rotate", _secrets_rotate)):
        one = _command(secrets, words, name, run, text=f"secrets_{name}")
        one.add_argument("file", type=Path, metavar="FILE", help=words("secrets_file"))


def _rules_commands(rules: Commands, words: Words) -> None:
    listing = _command(rules, words, "list", _rules_list, text="rules_list")
    _server_flags(listing, words)
    listing.add_argument("--json", action="store_true", help=words("flag_json"))
    _config_flag(_command(rules, words, "validate", _rules_validate, text="rules_validate"), words)
    trial = _command(rules, words, "backtest", _rules_backtest, text="rules_backtest")
    _server_flags(trial, words)
    trial.add_argument("rule", metavar="RULE", help=words("rules_rule"))
    for flag, usual in (("start", "-30d"), ("end", "now"), ("step", None)):
        trial.add_argument(f"--{flag}", metavar="TIME", default=usual, help=words(f"flag_{flag}"))
    trial.add_argument("--json", action="store_true", help=words("flag_json"))


def _command(
    commands: Commands,
    words: Words,
    name: str,
    run: Callable[[Words, argparse.Namespace], int] | None,
    *,
    text: str = "",
) -> CommandLine:
    sentence = words(text or name)
    parser = commands.add_parser(name, help=sentence, description=sentence, words=words)
    if run is not None:
        parser.set_defaults(run=run)
    return parser


def _group(commands: Commands, words: Words, name: str) -> Commands:
    parser = _command(commands, words, name, None)
    return parser.add_subparsers(metavar="COMMAND", required=True, title=words("line_commands"))


def _config_flag(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help=words("flag_config"))


def _server_flags(parser: argparse.ArgumentParser, words: Words) -> None:
    _config_flag(parser, words)
    parser.add_argument("--url", metavar="URL", default="", help=words("flag_url"))
    parser.add_argument("--ca", type=Path, metavar="FILE", help=words("flag_ca"))


def _up_flags(parser: argparse.ArgumentParser, words: Words) -> None:
    _config_flag(parser, words)
    parser.add_argument("--data", metavar="DIR", help=words("flag_data"))
    parser.add_argument("--host", metavar="H", help=words("flag_host"))
    for flag in ("port", "live_port", "console_port"):
        parser.add_argument(f"--{flag.replace('_', '-')}", type=int, metavar="N", help=words(f"flag_{flag}"))
    parser.add_argument("--role", choices=("owner", "view"), help=words("flag_role"))
    parser.add_argument("--no-console", action="store_true", help=words("flag_no_console"))
    parser.add_argument("--demo", action="store_true", help=words("flag_demo"))
    parser.add_argument("--profile", type=Path, metavar="FILE", help=words("flag_profile"))


def _up(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands.alone import import_alone, leave_unrun

    import_alone("structlog", without="rich")  # first of all: the settings take structlog along already
    leave_unrun("uvicorn", Config="uvicorn.config")
    from bongsu.commands import config

    loaded = config.read(words, arguments.config, config.flags(vars(arguments)))
    if loaded is None:
        return 1
    from bongsu.commands import up

    return up.run(loaded, console=not arguments.no_console, demo=arguments.demo, profile=arguments.profile)


def _check(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import check

    return check.run(words, arguments.config)


def _doctor(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import doctor

    return doctor.run(words, arguments.config, root=ROOT, as_json=arguments.json)


def _streamlit(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import config, console

    return console.run(words, arguments.config, config.flags(vars(arguments)), root=ROOT)


def _check_deps(words: Words, _: argparse.Namespace) -> int:
    from bongsu.commands import dependencies

    return dependencies.check(words, ROOT)


def _show(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import config

    return config.show(words, arguments.config, as_json=arguments.json)


def _schema(_words: Words, _: argparse.Namespace) -> int:
    from bongsu.commands import config

    return config.schema()


def _replay(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import replay

    where = _where(arguments)
    return replay.run(words, arguments.file, feed=arguments.feed, speed=arguments.speed, where=where)


def _where(arguments: argparse.Namespace) -> Where:
    from bongsu.commands.server import Where

    return Where(config=arguments.config, url=arguments.url, ca=arguments.ca)


def _notify_test(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import notify

    return notify.test(words, arguments.config, arguments.channels)


def _checks(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import checks

    return checks.run(words, arguments.config, as_json=arguments.json, watch=arguments.watch)


def _shop_check(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import shop

    return shop.check(words, arguments.config)


def _secrets_key(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import secrets

    return secrets.key(words, arguments.file)


def _secrets_encrypt(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import secrets

    return secrets.encrypt(words, arguments.file)


def _secrets_rotate(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import secrets

    return secrets.rotate(words, arguments.file)


def _user(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import accounts

    where = accounts.Where(config=arguments.config, data=arguments.data)
    deeds: dict[str, Callable[[], int]] = {
        "list": lambda: accounts.list_users(words, where),
        "add": lambda: accounts.add_user(words, where, arguments.name, arguments.role),
        "disable": lambda: accounts.change_user(words, where, arguments.name, disabled=True),
        "enable": lambda: accounts.change_user(words, where, arguments.name, disabled=False),
        "role": lambda: accounts.change_user(words, where, arguments.name, role=arguments.role),
        "password": lambda: accounts.password(words, where, arguments.name),
        "remove": lambda: accounts.remove_user(words, where, arguments.name),
    }
    return deeds[arguments.deed]()


def _token_create(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import accounts

    where = accounts.Where(config=arguments.config, data=arguments.data)
    return accounts.create_token(words, where, arguments.name, arguments.scope, arguments.expires)


def _token_list(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import accounts

    return accounts.list_tokens(words, accounts.Where(config=arguments.config, data=arguments.data))


def _token_revoke(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import accounts

    where = accounts.Where(config=arguments.config, data=arguments.data)
    return accounts.revoke_token(words, where, arguments.id)


def _rules_list(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import rules

    return rules.show(words, _where(arguments), as_json=arguments.json)


def _rules_validate(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import rules

    return rules.validate(words, arguments.config)


def _rules_backtest(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import rules

    return rules.backtest(
        words,
        _where(arguments),
        arguments.rule,
        start=arguments.start,
        end=arguments.end,
        step=arguments.step,
        as_json=arguments.json,
    )


def _validate(words: Words, arguments: argparse.Namespace) -> int:
    from bongsu.commands import config

    return config.validate(words, arguments.config)


if __name__ == "__main__":
    entry()
