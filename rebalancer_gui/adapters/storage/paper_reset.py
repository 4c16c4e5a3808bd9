"""Beginning a paper account anew: the old one is kept as a whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rebalancer_gui.adapters.storage.data_folder import DataFolder, check_account_name
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput

RECORD = "account.json"


def reset_paper_account(folder: DataFolder, account: str, at: datetime) -> Path:
    """Move the paper account's folder (its ledger, its venue's file and all beside them) to
    ``backups/NAME-reset-YYYYMMDD-HHMMSS`` (UTC of ``at``, which is wall time) and give that place; the next start makes a
    new account. Nothing is deleted or overwritten.

    ``folder`` is open and no engine runs on it. InvalidInput (field ``account``) when there is no such paper account,
    EnvironmentProblem when it cannot be moved.
    """
    check_account_name(account)
    venue_file = folder.path / "accounts" / account / "paper-venue.sqlite"
    # Any part of the file will do: a damaged account must be able to begin anew too.
    if not any(venue_file.parent.glob(f"{venue_file.name}*")):
        if (venue_file.parent / RECORD).exists():
            raise InvalidInput("account", f"{account} has not begun yet, so there is nothing to begin anew.")
        raise InvalidInput("account", f"There is no paper account {account} that could be reset.")
    return folder.set_account_aside(account, f"reset-{at.astimezone(UTC):%Y%m%d-%H%M%S}")


def begin_anew(folder: DataFolder, account: str, at: datetime, register: Callable[[], None]) -> Path:
    """As :func:`reset_paper_account`; then ``register`` writes the record of the same account into its place. Where that
    fails the old account is put back as it was, and the EnvironmentProblem is raised.
    """
    kept = reset_paper_account(folder, account, at)
    try:
        register()
    except EnvironmentProblem:
        place = folder.path / "accounts" / account
        with suppress(OSError):
            shutil.rmtree(place, ignore_errors=True)
            kept.rename(place)
        raise
    return kept
