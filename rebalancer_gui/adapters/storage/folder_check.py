"""Is what lies in an unpacked backup sound? Each ledger is opened as the program would, on a copy: integrity, versions, and that
every balance is the sum of its bookings.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.backups import LEDGER, VENUE
from rebalancer_gui.adapters.storage.inspection import inspect
from rebalancer_gui.adapters.storage.repair import venue_fault
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.domain.errors import EnvironmentProblem

_CHECK = "PRAGMA integrity_check(1)"


def check_account(place: Path, account: str, workshop: Path) -> int | None:
    """The version of the tables of the ledger in ``place`` (None: there is none yet). Copies are made below ``workshop``.

    Raises EnvironmentProblem naming what is wrong; no byte in ``place`` is changed.
    """
    version = None
    if (place / LEDGER).exists():
        with tempfile.TemporaryDirectory(prefix="checking-", dir=workshop) as copies:
            copy = Path(copies) / LEDGER
            shutil.copyfile(place / LEDGER, copy)
            version = inspect(copy, schema.migrations()).version
            _integrity(copy)
            store = SqliteStore(copy, account, backups=Path(copies))
            store.open()
            try:
                store.load()
            finally:
                store.close()
    if (place / VENUE).exists():
        fault = venue_fault(place / VENUE)
        if fault is not None:
            raise fault
    return version


def _integrity(copy: Path) -> None:
    """Rows against their indexes too, however large the file is."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        verdict = connection.execute(_CHECK).fetchone()[0]
    if verdict != "ok":
        raise EnvironmentProblem(f"The copy of the ledger is not good ({verdict}).")
