"""Beginning a paper account anew: the old one is kept as a whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rebalancer_gui.adapters.storage.data_folder import DataFolder, check_account_name
from rebalancer_gui.domain.errors import InvalidInput


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
        raise InvalidInput("account", f"There is no paper account {account} that could be reset.")
    return folder.set_account_aside(account, f"reset-{at.astimezone(UTC):%Y%m%d-%H%M%S}")
