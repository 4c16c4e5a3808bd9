"""The durable intent of a reset: the new folder of the account, with its record, made beside the old one before that is moved.

    accounts/.resetting-NAME/account.json      step 1: written and made durable
    accounts/NAME  ->  backups/NAME-reset-...  step 2: one rename
    accounts/.resetting-NAME  ->  accounts/NAME  step 3: one rename

Cut off before step 2 the reset has not begun, and the intent is taken back; cut off after it, the next start carries it out. At no
moment is the account without a record. No account can have the name of an intent: names begin with a letter or digit.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import replace_file, sync_folder

RECORD = "account.json"
_PREFIX = ".resetting-"


def prepare(place: Path) -> Path:
    """Make the intent for the account in ``place`` with a copy of its record, durable; gives its folder. OSError."""
    intent = place.with_name(f"{_PREFIX}{place.name}")
    if intent.exists():
        shutil.rmtree(intent)
    intent.mkdir(mode=0o700)
    replace_file(intent / RECORD, (place / RECORD).read_bytes())
    sync_folder(place.parent)
    return intent


def take_back(intent: Path) -> None:
    """Nothing is left of it. OSError."""
    shutil.rmtree(intent)
    sync_folder(intent.parent)


def carry_out(intent: Path) -> Path:
    """The old folder is gone: the new one takes its place, which is given. OSError."""
    place = intent.with_name(intent.name.removeprefix(_PREFIX))
    intent.rename(place)
    sync_folder(place.parent)
    return place


def settle(accounts: Path) -> None:
    """What a run left that was cut off in the middle of a reset: carried out where the old folder is gone, else taken back.

    Only while nobody else has the data folder. OSError.
    """
    for intent in sorted(accounts.glob(f"{_PREFIX}*")):
        old = intent.with_name(intent.name.removeprefix(_PREFIX))
        if old.exists() or not (intent / RECORD).is_file():
            take_back(intent)
        else:
            carry_out(intent)
