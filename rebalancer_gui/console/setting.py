"""``rebalancer settings ...``: what is chosen, and its export and import."""

from __future__ import annotations

import argparse
from pathlib import Path

from rebalancer_gui.adapters.storage.safe_files import replace_file
from rebalancer_gui.application.settings import DECLARED
from rebalancer_gui.application.settings_desk import Change, SettingsDesk
from rebalancer_gui.console.answers import Json
from rebalancer_gui.console.doing import ask_person
from rebalancer_gui.console.output import Printer
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from rebalancer_gui.domain.hostile_json import MAX_BYTES

_COLUMNS = ("key", "value", "default", "title")


def run(options: argparse.Namespace, desk: SettingsDesk, printer: Printer) -> None:
    """The action of ``options``. Raises RebalancerError."""
    match options.action:
        case "list":
            printer.rows(_rows(desk), _COLUMNS, "There are no settings.")
        case "set":
            desk.set_text(options.key, options.value)
            printer.rows([row for row in _rows(desk) if row["key"] == options.key], _COLUMNS, "")
        case "export":
            _export(options.file, desk, printer)
        case _:
            _import(options, desk, printer)


def _rows(desk: SettingsDesk) -> list[Json]:
    return [
        {
            "key": s.key,
            "value": s.kind.to_json(desk.value(s)),
            "default": s.kind.to_json(s.default),
            "legal": s.kind.legal,
            "title": s.title,
            "fault": desk.fault(s),
        }
        for s in DECLARED
    ]


def _export(file: Path, desk: SettingsDesk, printer: Printer) -> None:
    if file.exists():
        raise InvalidInput("file", f"{file} is there already: name a new file, or move that one away.")
    try:
        replace_file(file, desk.export().encode())
    except OSError as error:
        raise EnvironmentProblem(f"{file} cannot be written: {error.strerror}.") from error
    printer.answer({"file": str(file), "settings": str(len(DECLARED))}, f"{len(DECLARED)} settings stand in {file}.")


def _import(options: argparse.Namespace, desk: SettingsDesk, printer: Printer) -> None:
    changes = desk.preview(read_file(options.file))
    wanted = not changes or options.yes or _is_wanted(changes)
    if wanted:
        desk.take(changes)
    rows: list[Json] = [
        {"key": c.setting.key, "before": c.setting.kind.to_json(c.before), "after": c.setting.kind.to_json(c.after)}
        for c in changes
    ]
    answer: Json = {"changed": wanted and bool(changes), "changes": rows}
    said = "\n".join(_line(c) for c in changes) if wanted else "Nothing was changed."
    printer.answer(answer, said or "Everything is as the file says already.")


def read_file(path: Path) -> bytes:
    """Of an export: one byte more than is legal at most. EnvironmentProblem."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be read: {error.strerror}.") from error


def _line(change: Change) -> str:
    title, before, after = change.words
    return f"{title}: {before} -> {after}"


def _is_wanted(changes: tuple[Change, ...]) -> bool:
    what = "\n".join(_line(change) for change in changes)
    said = ask_person(f"{what}\nChange these settings? (yes/no)")
    if said is None:
        raise InvalidInput("file", "an import needs --yes where nobody can be asked")
    return said.casefold() in {"y", "yes"}
