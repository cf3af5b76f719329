"""A database is replaced under nobody's hands."""

from __future__ import annotations

import threading

from bongsu.history.files import Files, ReadConnection


def test_in_memory_who_reads_is_waited_for() -> None:
    """Readers share the writer's connection there: closed while a statement runs, it took the process with it."""
    files = Files(None)
    files.open("first")
    replacing = threading.Thread(target=files.replace, args=("second", ValueError("damaged")))
    with ReadConnection(files).snapshot() as connection:
        replacing.start()
        replacing.join(0.1)
        assert connection.execute("SELECT COUNT(*) FROM raw").fetchone() == (0,)
        meanwhile = files.generation
    replacing.join(10)
    assert (meanwhile, files.generation) == (0, 1)
    files.close()
