"""The schema: made anew, upgraded by Alembic, and refused where it is newer than we are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from bongsu.model.alert import AuditEntry
from bongsu.model.errors import Unavailable
from bongsu.records import migration
from bongsu.records.schema import METADATA, REVISIONS, VERSION
from bongsu.records.sql import SqlRecords
from tests.fakes.clock import VirtualClock
from tests.fakes.postgres import cluster

RECORDS = Path(migration.__file__).parent


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest, program: Callable[..., str]) -> Iterator[Connection]:
    """An empty database of each kind, in a transaction."""
    if request.param == "sqlite":
        yield from begun(sqlalchemy.create_engine("sqlite://"))
        return
    with cluster(program) as url:
        yield from begun(sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:")))


def begun(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_lead_to_the_schema(connection: Connection) -> None:
    """All revisions in a row make exactly the tables that are made where there are none."""
    VERSION.create(connection)
    migration.bring_up(connection, place="here")
    assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert connection.execute(sqlalchemy.select(VERSION)).scalars().all() == [REVISIONS[-1]]


def test_a_new_database_has_the_schema(connection: Connection) -> None:
    """Where there is nothing the tables are made at once, and coming again changes nothing."""
    for _ in range(2):
        migration.bring_up(connection, place="here")
    assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert connection.execute(sqlalchemy.select(VERSION)).scalars().all() == [REVISIONS[-1]]


def test_every_revision_is_named() -> None:
    """REVISIONS is what `versions/` holds, in order, in one line without branches."""
    script = ScriptDirectory(str(RECORDS), version_locations=[str(RECORDS / "versions")])
    assert tuple(one.revision for one in script.walk_revisions())[::-1] == REVISIONS
    assert script.get_heads() == [REVISIONS[-1]]


async def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    """Records of a newer version are refused with both schemas named, and stay as they are."""
    records = await SqlRecords.open(tmp_path, clock=VirtualClock())
    await records.note(AuditEntry(at=1, by="", action="test", subject="x"))
    await records._database.write(lambda connection: connection.execute(VERSION.update().values(version_num="9999")))
    await records.close()
    before = (tmp_path / "records.db").read_bytes()
    with pytest.raises(Unavailable, match=rf"9999, newer than this version's {REVISIONS[-1]}") as refused:
        await SqlRecords.open(tmp_path, clock=VirtualClock())
    assert "update" in refused.value.hint
    assert (tmp_path / "records.db").read_bytes() == before


def test_a_server_that_has_nothing_to_upgrade_loads_no_alembic(tmp_path: Path) -> None:
    """Neither a new nor an existing database costs the memory of Alembic or of PostgreSQL's dialect."""
    code = (
        "import asyncio, sys; from bongsu.clock import SystemClock; from bongsu.records.sql import SqlRecords\n"
        "async def main():\n"
        "    for _ in range(2):\n"
        "        records = await SqlRecords.open(sys.argv[1], clock=SystemClock())\n"
        "        await records.commit([], []); await records.living(); await records.close()\n"
        "asyncio.run(main())\n"
        "print({'alembic', 'sqlalchemy.dialects.postgresql', 'sqlalchemy.orm'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, cwd=RECORDS.parents[1]
    )
    assert done.stdout.strip() == "set()"
