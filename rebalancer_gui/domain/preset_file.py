"""The file of a preset that the program's owner made: text to definition and back (docs/files.md).

Reading is all or nothing, as that of a strategy file: a file with any fault is refused with all its faults named (InvalidFile).
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from rebalancer_gui.domain.allocation import problems_with_count, problems_with_name, problems_with_targets
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.hostile_json import JsonObject, kind_of, read_object, refuse_if
from rebalancer_gui.domain.money import ONE, ZERO, plain
from rebalancer_gui.domain.presets import PresetDefinition, Weighting
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.strategy import MAX_COINS, MIN_COINS, Rule, Target
from rebalancer_gui.domain.strategy_file import read_rule, rule_content

FORMAT, VERSION = "rebalancer-preset", 1
CATEGORY = "Yours"
SOURCE = "Chosen by you"
_PREFIX = "own-"
_ID = re.compile(r"own-[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_ID = 60
_WHOLE_FILE = "format"
_WEIGHTINGS = {way.value: way for way in Weighting}


def is_own_id(text: str) -> bool:
    """Whether ``text`` can be the id, and with it the file name, of an own preset."""
    return len(text) <= _LONGEST_ID and _ID.fullmatch(text) is not None


def own_id(name: str, taken: frozenset[str]) -> str:
    """An id made of ``name`` that is not in ``taken``."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    base = f"{_PREFIX}{'-'.join(words)[:40].strip('-') or 'preset'}"
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


def own_preset(
    preset_id: str,
    name: str,
    targets: tuple[Target, ...],
    weighting: Weighting,
    rule: Rule,
    *,
    sell_all_on_stop: bool,
    made: date,
) -> PresetDefinition:
    """The preset of what stands in a form: its weights as they are, or worked out anew each time by ``weighting``."""
    fixed = weighting is Weighting.FIXED
    return PresetDefinition(
        id=preset_id,
        name=name,
        category=CATEGORY,
        coins=tuple(target.asset for target in targets),
        list_date=made,
        source=SOURCE,
        take=max(len(targets), 1),
        minimum_weight=ZERO if fixed or weighting is Weighting.EQUAL else ONE,
        rule=rule,
        sell_all_on_stop=sell_all_on_stop,
        weighting=weighting,
        weights=targets if fixed else (),
        own=True,
    )


def problems_with_preset(preset: PresetDefinition) -> list[Problem]:
    """What is wrong with name, coins and weights of an own preset, its rule apart. There is no money yet that could be a coin."""
    noted = problems_with_name(preset.name, ())
    if preset.weighting is Weighting.FIXED:
        return noted + problems_with_targets(preset.weights, "")
    noted += problems_with_count(len(preset.coins))
    if len(set(preset.coins)) < len(preset.coins):
        noted.append(Problem("coins", "A coin is there twice: each coin may stand in a preset once."))
    return noted


def renamed(preset: PresetDefinition, name: str) -> PresetDefinition:
    """The same preset under another name; its id stays."""
    return replace(preset, name=name)


def parse_preset(text: str | bytes) -> PresetDefinition:
    """Read the file of an own preset. Raises InvalidFile with every fault."""
    noted: list[Problem] = []
    table = read_object(text, _WHOLE_FILE, noted)
    found = table.text("format", "format", f'"{FORMAT}"')
    version = table.whole("version", "version", f"{VERSION}")
    if (found is not None and found != FORMAT) or (version is not None and version != VERSION):
        table.note("format", f"This is no file of the format {FORMAT}, version {VERSION}.")
        refuse_if(noted)
    preset_id = table.text("id", _WHOLE_FILE, "an id")
    if preset_id is not None and not is_own_id(preset_id):
        table.note(_WHOLE_FILE, '"id" must begin with "own-" and hold small letters, digits and hyphens.')
    name = table.text("name", "name", "a text")
    made = _date(table)
    weighting = _weighting(table)
    targets = _coins(table, noted, weighting)
    rule = read_rule(table, noted)
    sell_all = table.flag("sell_all_on_stop", _WHOLE_FILE)
    table.finish()
    refuse_if(noted)
    if preset_id is None or name is None or made is None or weighting is None or targets is None or rule is None:
        raise InvariantBroken("A value of the preset's file is missing and nothing was noted.")
    preset = own_preset(preset_id, name.strip(), targets, weighting, rule, sell_all_on_stop=bool(sell_all), made=made)
    refuse_if(problems_with_preset(preset))
    return preset


def write_preset(preset: PresetDefinition) -> str:
    """The file of an own preset; :func:`parse_preset` reads the same from it."""
    weights = {target.asset: {"weight": plain(target.weight)} for target in preset.weights}
    content = {
        "format": FORMAT,
        "version": VERSION,
        "id": preset.id,
        "name": preset.name,
        "made": preset.list_date.isoformat(),
        "weighting": preset.weighting.value,
        "coins": [{"asset": asset, **weights.get(asset, {})} for asset in preset.coins],
        "rule": rule_content(preset.rule),
        "sell_all_on_stop": preset.sell_all_on_stop,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _date(table: JsonObject) -> date | None:
    text = table.text("made", _WHOLE_FILE, 'a date such as "2026-11-27"')
    if text is None:
        return None
    try:
        return date.fromisoformat(text if len(text) == 10 else "")
    except ValueError:
        table.note(_WHOLE_FILE, '"made" must be a date such as "2026-11-27".')
        return None


def _weighting(table: JsonObject) -> Weighting | None:
    legal = ", ".join(f'"{word}"' for word in _WEIGHTINGS)
    text = table.text("weighting", "weights", f"one of {legal}")
    if text is not None and text not in _WEIGHTINGS:
        table.note("weights", f'"weighting" must be one of {legal}, not {kind_of(text)}.')
    return _WEIGHTINGS.get(text or "")


def _coins(table: JsonObject, noted: list[Problem], weighting: Weighting | None) -> tuple[Target, ...] | None:
    entries = table.entries("coins", "coins", f"an array of {MIN_COINS} to {MAX_COINS} coins")
    if entries is None or weighting is None:
        return None
    if not MIN_COINS <= len(entries) <= MAX_COINS:
        # Counted before it is looked at: a list of thousands is not worth a line each.
        noted += problems_with_count(len(entries))
        return None
    targets = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            table.note("coins", f'Coin {number} must be an object such as {{"asset": "BTC"}}, not {kind_of(entry)}.')
            continue
        coin = JsonObject(entry, noted, f"Coin {number}", "coins")
        asset = coin.asset("asset", "coins")
        weight: Decimal | None = ZERO
        if weighting is Weighting.FIXED:
            weight = coin.number("weight", "weights", "40")
        coin.finish()
        if asset is not None and weight is not None:
            targets.append(Target(asset, weight))
    return tuple(targets) if len(targets) == len(entries) else None
