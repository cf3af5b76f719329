"""Bringing a database to this code's schema. Alembic (10 MiB of memory) is loaded only where an old one is found."""

from __future__ import annotations

from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect, select

from bongsu.model.errors import Unavailable
from bongsu.records.schema import METADATA, REVISIONS, VERSION

_LOCK = 0x626F6E67
"""PostgreSQL's advisory lock under which one of several servers changes the schema while the others wait."""

_log = structlog.get_logger(__name__)


def bring_up(connection: Connection, *, place: str) -> None:
    """Make or upgrade the tables, in the transaction that is open; `place` names the database in errors.

    Raises:
        Unavailable: the database was written by a newer version of ours.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    if not inspect(connection).has_table(VERSION.name):
        METADATA.create_all(connection)
        connection.execute(VERSION.insert().values(version_num=REVISIONS[-1]))
        return
    found = connection.execute(select(VERSION.c.version_num)).scalar_one_or_none()
    if found == REVISIONS[-1]:
        return
    if found is not None and found not in REVISIONS:
        raise Unavailable(
            f"the records in {place} have schema {found}, newer than this version's {REVISIONS[-1]}",
            hint="update Bongsu, or name another data folder",
        )
    _log.info("records_upgrade", place=place, schema=found, to=REVISIONS[-1])
    _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    here = Path(__file__).parent
    script = ScriptDirectory(str(here), version_locations=[str(here / "versions")])
    context = MigrationContext.configure(
        connection,
        opts={"fn": lambda revision, _: script._upgrade_revs("head", revision), "transactional_ddl": True},
    )
    with Operations.context(context):
        context.run_migrations()
