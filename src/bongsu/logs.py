"""Logs: for people on a terminal, one JSON object a line in files; secrets taken out on the way.

Everything goes through the standard library's loggers, so that a program that embeds Bongsu hears us with the
handlers it already has. Our loggers hang below the guide's `src.realtime_monitoring_dashboard`: its level
and its handlers hold for ours too.
"""

from __future__ import annotations

import json
import logging
import os
import select
import stat
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict

from bongsu.redaction import Redactor

GUIDE_LOGGER = "src.realtime_monitoring_dashboard"
DASHBOARD_LOG = "monitoring_dashboard.log"
LIVE_LOG = "websocket_server.log"

_FILE_BYTES = 10 * 1024 * 1024
_FILES_KEPT = 5
_LIVE_ROOMS = ("bongsu.live", "bongsu.app", "bongsu.bus", "bongsu.records", "bongsu.collect.shop")
_COLOURS = {"DEBUG": "2", "WARNING": "33", "ERROR": "31", "CRITICAL": "1;31"}
_PIECE = 1_000
"""Characters written at once: at most 4,000 bytes, which a pipe that says it takes something takes whole."""
_GIVEN_FIELDS = "bongsu_fields"


class Logs:
    """The logs of one process, from `Logs(…)` to `close()`.

    `folder` takes the files (none are written without), `terminal` the readable lines (None: no terminal). `level`
    holds for ours unless the program set the guide's logger itself; `levels` are single loggers' by name.
    `secrets` are taken out wherever they appear.
    """

    def __init__(
        self,
        *,
        folder: Path | None = None,
        terminal: TextIO | None = sys.stderr,
        level: str = "INFO",
        levels: Mapping[str, str] | None = None,
        secrets: Iterable[str] = (),
    ) -> None:
        self._redactor = Redactor(secrets)
        self._handlers: list[logging.Handler] = []
        self._levels: list[tuple[logging.Logger, int]] = []
        join_guide_logger()
        self._relevel(level, levels or {})
        if terminal is not None:
            self._add(_Terminal(terminal), _ForPeople(self._redactor, colour=terminal.isatty()))
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._add(_file(folder / DASHBOARD_LOG), _ForMachines(self._redactor))
            live = _file(folder / LIVE_LOG)
            live.addFilter(_concerns_live)
            self._add(live, _ForMachines(self._redactor))
        speak_through_logging(self._redactor)

    def change(self, *, level: str, levels: Mapping[str, str], secrets: Iterable[str]) -> None:
        """Other levels hold from now on, and these secrets are taken out too."""
        self._redactor.learn(secrets)
        self._restore_levels()
        self._relevel(level, levels)

    def _relevel(self, level: str, levels: Mapping[str, str]) -> None:
        guide = logging.getLogger(GUIDE_LOGGER)
        if guide.level == logging.NOTSET:
            self._set(guide, level)
        for name, one in levels.items():
            self._set(logging.getLogger(name), one)

    def _restore_levels(self) -> None:
        for logger, level in reversed(self._levels):
            logger.setLevel(level)
        self._levels.clear()

    def _set(self, logger: logging.Logger, level: str) -> None:
        self._levels.append((logger, logger.level))
        logger.setLevel(level)

    def _add(self, handler: logging.Handler, formatter: logging.Formatter) -> None:
        handler.setFormatter(formatter)
        logging.getLogger().addHandler(handler)
        self._handlers.append(handler)

    def close(self) -> None:
        """Let go of the files, and leave the loggers as they were found."""
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()
        self._restore_levels()
        self._handlers.clear()


def terminal(stream: TextIO | None) -> TextIO | None:
    """The stream, unless it leads into a file: that would grow without bound, and the log files hold the same."""
    if stream is None:
        return None
    try:
        return None if stat.S_ISREG(os.fstat(stream.fileno()).st_mode) else stream
    except (OSError, ValueError):
        return stream


def join_guide_logger() -> None:
    """Hang our loggers below the guide's: its level and handlers hold for ours."""
    logging.getLogger("bongsu").parent = logging.getLogger(GUIDE_LOGGER)


def speak_through_logging(redactor: Redactor | None = None) -> None:
    """Send what rooms say through structlog to the standard library's loggers, fields and all, secrets taken out."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            _HandOver(redactor or Redactor()),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def link_in(folder: Path, log: Path) -> bool:
    """Make `monitoring_dashboard.log` in a folder point at the log; False where something else has that name."""
    link = folder / DASHBOARD_LOG
    if link.is_symlink():
        with suppress(OSError):
            link.unlink()
    elif link.exists():
        return False
    try:
        link.symlink_to(log.resolve() if not log.is_relative_to(folder) else log.relative_to(folder))
    except OSError:
        return False
    return True


def _file(path: Path) -> RotatingFileHandler:
    return RotatingFileHandler(path, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8", delay=True)


def _concerns_live(record: logging.LogRecord) -> bool:
    return record.name.startswith(_LIVE_ROOMS) or record.levelno >= logging.WARNING


class _HandOver:
    """The last of structlog's processors: a sentence for any handler, the fields beside it for ours."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __call__(self, _logger: object, _method: str, event: EventDict) -> dict[str, Any]:
        fields = self._redactor.fields(event)
        said = dict(fields)
        line = str(said.pop("event", ""))
        failed = said.pop("exception", None)
        line += "".join(
            f" {name}={value!r}" if isinstance(value, str) else f" {name}={value}" for name, value in said.items()
        )
        return {"msg": f"{line}\n{failed}" if failed else line, "extra": {_GIVEN_FIELDS: fields}}


class _Terminal(logging.StreamHandler[TextIO]):
    """Writes only what is taken at once: a pipe that nobody reads, or a terminal held by Ctrl-S, stops no monitoring.

    Lines lost that way are told, with their number, before the next one that is taken; the files have them all.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lost = 0
        self._poll = _poll_of(stream)

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        try:
            if not self._takes():
                self._lost += 1
                return
            if self._lost:
                self._write(f"({self._lost} lines were not written here: nobody read)")
                self._lost = 0
            self._write(self.format(record))
        except Exception:  # noqa: BLE001 - what logging does for every handler
            self.handleError(record)

    def _write(self, line: str) -> None:
        data = line + self.terminator
        for begin in range(0, len(data), _PIECE):
            if begin and not self._takes():
                return
            self.stream.write(data[begin : begin + _PIECE])
            self.flush()

    def _takes(self) -> bool:
        return self._poll is None or bool(self._poll.poll(0))


def _poll_of(stream: TextIO) -> select.poll | None:
    """Tells whether a stream takes a piece; None where that is no question."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None
    if not hasattr(select, "poll"):
        return None
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return poll


class _ForPeople(logging.Formatter):
    """`12:03:04 WARNING bongsu.collect  disk takes longer than its interval seconds=1.4`."""

    def __init__(self, redactor: Redactor, *, colour: bool) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s  %(message)s", datefmt="%H:%M:%S")
        self._redactor = redactor
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        line = _writable(self._redactor.text(super().format(record)))
        colour = _COLOURS.get(record.levelname)
        return f"\x1b[{colour}m{line}\x1b[0m" if self._colour and colour else line


class _ForMachines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, event, and the fields it was said with."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self.converter = time.gmtime
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        fields = dict(getattr(record, _GIVEN_FIELDS, None) or {"event": record.getMessage()})
        if record.exc_info and "exception" not in fields:
            fields["exception"] = self.formatException(record.exc_info)
        seconds = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z"
        line = {"time": seconds, "level": record.levelname.lower(), "logger": record.name} | self._redactor.fields(
            fields
        )
        return _writable(json.dumps(line, ensure_ascii=False, default=str))


def _writable(text: str) -> str:
    """Lone surrogates as question marks: no file takes them, and the whole line would be lost."""
    return text.encode("utf-8", "replace").decode()
