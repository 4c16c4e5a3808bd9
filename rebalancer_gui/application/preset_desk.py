"""Carries out the commands about presets (``preset_commands``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from rebalancer_gui.application.account import Account
from rebalancer_gui.application.preset_commands import (
    DeletePreset,
    PresetCommand,
    RefreshMarketCaps,
    RenamePreset,
    SavePreset,
)
from rebalancer_gui.application.preset_port import MAX_OWN_PRESETS, PresetShelf
from rebalancer_gui.application.queries import answer_presets
from rebalancer_gui.domain.allocation import problems_with_name, problems_with_rule
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.preset_file import own_id, own_preset, problems_with_preset, renamed
from rebalancer_gui.domain.presets import PresetDefinition
from rebalancer_gui.domain.problems import Problem


def carry_out(account: Account, command: PresetCommand) -> str:
    """Do it, and send the cards of ``account`` that it changes; gives what was done in words. Raises InvalidInput or
    EnvironmentProblem, and nothing is changed.
    """
    match command:
        case RefreshMarketCaps():
            feed = account.setup.preset_side.feed
            if feed is None:
                raise InvalidInput("", "This account has market caps of its own: there is nothing newer to read.")
            feed.refresh()
            return ""
        case SavePreset():
            said = _save(account, command)
        case RenamePreset():
            said = _rename(account, command)
        case DeletePreset():
            shelf, preset = _find(account, command.preset_id)
            shelf.delete(preset.id)
            said = f"The preset {preset.name} was deleted."
        case _:
            assert_never(command)
    account.emit(answer_presets(account, "", account.quote_asset))
    return said


def _save(account: Account, command: SavePreset) -> str:
    shelf = _shelf(account)
    if len(shelf.all()) >= MAX_OWN_PRESETS:
        raise InvalidInput("name", f"There are {MAX_OWN_PRESETS} presets of yours already: delete one first.")
    name = command.name.strip()
    preset = own_preset(
        own_id(name, frozenset(known.id for known in account.presets)),
        name,
        command.targets,
        command.weighting,
        command.rule,
        sell_all_on_stop=command.sell_all_on_stop,
        made=account.venue.clock.now().date(),
    )
    _refuse([*_problems_with_name(account, name), *problems_with_preset(preset), *problems_with_rule(command.rule)])
    shelf.save(preset)
    return f"The preset {name} was saved."


def _rename(account: Account, command: RenamePreset) -> str:
    shelf, preset = _find(account, command.preset_id)
    name = command.name.strip()
    _refuse(_problems_with_name(account, name, preset))
    shelf.save(renamed(preset, name))
    return f"The preset is called {name} now."


def _problems_with_name(account: Account, name: str, own: PresetDefinition | None = None) -> list[Problem]:
    others = [preset.name for preset in account.presets if own is None or preset.id != own.id]
    if name.casefold() in {other.casefold() for other in others}:
        return [Problem("name", f"There is a preset named {name} already: choose another name.")]
    return [
        Problem(problem.field, problem.message.replace("The strategy needs", "The preset needs"))
        for problem in problems_with_name(name, ())
    ]


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise InvalidInput(problems[0].field, problems[0].message)


def _shelf(account: Account) -> PresetShelf:
    shelf = account.setup.preset_side.shelf
    if shelf is None:
        raise InvalidInput("", "Presets of one's own cannot be kept here.")
    return shelf


def _find(account: Account, preset_id: str) -> tuple[PresetShelf, PresetDefinition]:
    shelf = _shelf(account)
    for preset in shelf.all():
        if preset.id == preset_id:
            return shelf, preset
    raise InvalidInput("", "This preset is not there any more, or it is none of yours.")
