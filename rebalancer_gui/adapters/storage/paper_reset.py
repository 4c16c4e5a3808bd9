"""Beginning a paper account anew: the old one is kept as a whole."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rebalancer_gui.adapters.storage import reset_intent
from rebalancer_gui.adapters.storage.data_folder import DataFolder, check_account_name
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput

RECORD = reset_intent.RECORD


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


def begin_anew(folder: DataFolder, account: str, at: datetime) -> Path:
    """As :func:`reset_paper_account`, and an account that is registered stays so: its record is in its place again. Where that
    cannot be done the old account stays as it was, and EnvironmentProblem is raised. Cut off anywhere, the next start finishes it
    or takes it back (``reset_intent``).
    """
    check_account_name(account)
    place = folder.path / "accounts" / account
    if not (place / RECORD).exists():
        return reset_paper_account(folder, account, at)
    try:
        intent = reset_intent.prepare(place)
    except OSError as error:
        with suppress(OSError):
            reset_intent.settle(place.parent)
        raise _not_done(account, error) from error
    try:
        kept = reset_paper_account(folder, account, at)
    except (InvalidInput, EnvironmentProblem):
        with suppress(OSError):
            reset_intent.take_back(intent)
        raise
    try:
        reset_intent.carry_out(intent)
    except OSError as error:
        try:
            kept.rename(place)
        except OSError:
            raise EnvironmentProblem(
                f"{account} is not there yet: its old files are in {kept}, and the new ones could not be put in their place.",
                "Start the program again: that finishes the reset.",
            ) from error
        with suppress(OSError):
            reset_intent.take_back(intent)
        raise _not_done(account, error) from error
    return kept


def _not_done(account: str, error: OSError) -> EnvironmentProblem:
    why = os.strerror(error.errno) if error.errno is not None else str(error)
    return EnvironmentProblem(
        f"{account} was not reset: {why} ({error.filename}).",
        "Make sure that the disk has room and that you may write there; the account is as it was before.",
    )
