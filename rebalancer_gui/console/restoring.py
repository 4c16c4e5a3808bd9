"""``rebalancer account restore NAME``: a backup in the place of a damaged ledger, or a new ledger."""

from __future__ import annotations

from datetime import datetime

from rebalancer_gui.adapters.storage import schema
from rebalancer_gui.adapters.storage.backups import Backup, newest_good
from rebalancer_gui.adapters.storage.repair import (
    Repaired,
    age,
    backup_at,
    begin_new_ledger,
    fault_of_account,
    put_back,
)
from rebalancer_gui.adapters.system import SystemClock
from rebalancer_gui.application.records import RepairKind
from rebalancer_gui.console.answers import Json, moment
from rebalancer_gui.console.doing import Desk, ask_person
from rebalancer_gui.console.output import lines
from rebalancer_gui.domain.errors import FileDamaged, InvalidInput


async def restore(desk: Desk) -> None:
    """Raises InvalidInput where nothing is to be restored or nobody agrees, EnvironmentProblem."""
    name, now = desk.options.name, SystemClock().now()
    if desk.options.set_aside:
        _set_aside(desk, name)
        return
    desk.book.find(name)
    damage = fault_of_account(desk.folder, name)
    backup = None if desk.options.new_ledger else _chosen(desk, name, damage)
    if not _is_wanted(desk, backup, damage, now):
        desk.printer.answer({"name": name, "restored": False}, "Nothing was changed.")
        return
    done = put_back(desk.folder, name, backup, now) if backup is not None else begin_new_ledger(desk.folder, name, now)
    # Opening the account compares it with the exchange, and its journal says what came of that.
    desk.options.account = name
    async with desk.session() as session:
        states: Json = {view.id: view.state.value for view in session.view().strategies if view.ended_at is None}
    answer = _answer(name, done, states)
    desk.printer.answer(answer, lines(answer))


def _set_aside(desk: Desk, name: str) -> None:
    """Of an account whose record cannot be read too."""
    way = next((way for way in desk.book.ways_out(name) if way.kind is RepairKind.SET_ASIDE), None)
    if way is not None and not desk.options.yes:
        said = ask_person(f"{way.text}? {way.detail} (yes/no)")
        if said is None:
            raise InvalidInput("account", "setting aside needs --yes where nobody can be asked")
        if said.casefold() not in {"y", "yes"}:
            desk.printer.answer({"name": name, "restored": False}, "Nothing was changed.")
            return
    answer: Json = {"name": name, "restored": False, "set_aside": True, "kept": desk.book.set_aside(name)}
    desk.printer.answer(answer, lines(answer))


def _chosen(desk: Desk, name: str, damage: FileDamaged | None) -> Backup:
    if desk.options.backup is not None:
        return backup_at(desk.folder, name, desk.options.backup)
    if damage is None:
        raise InvalidInput(
            "account",
            f"The files of {name} are in order. To put an older state in their place all the same, name it with --backup.",
        )
    found = newest_good(desk.folder.backups, name, schema.migrations())
    if found is None:
        raise InvalidInput(
            "backup",
            f"There is no good backup of {name} in {desk.folder.backups}. --new-ledger begins a new ledger with what the "
            "exchange holds.",
        )
    return found


def _is_wanted(desk: Desk, backup: Backup | None, damage: FileDamaged | None, now: datetime) -> bool:
    if desk.options.yes:
        return True
    state = f"{damage.message} " if damage is not None else ""
    if backup is None:
        what = "Begin a new ledger with what the exchange holds? Strategies and history of before are not in it."
    else:
        what = (
            f"Put back {backup.place.name} of {backup.at:%Y-%m-%d %H:%M} UTC ({age(backup.at, now)} old)? What happened "
            "since then is not in it."
        )
    said = ask_person(f"{state}{what} The present file is kept. (yes/no)")
    if said is None:
        raise InvalidInput("account", "a restore needs --yes where nobody can be asked")
    return said.casefold() in {"y", "yes"}


def _answer(name: str, done: Repaired, states: Json) -> Json:
    backup = done.backup
    return {
        "name": name,
        "restored": True,
        "backup": str(backup.place) if backup is not None else None,
        "backup_at": moment(backup.at) if backup is not None else None,
        "kept": str(done.kept),
        "strategies": states,
    }
