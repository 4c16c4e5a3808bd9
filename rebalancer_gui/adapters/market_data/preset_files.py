"""The presets of ``resources/presets/*.toml`` (the keys are explained in the README beside them)."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.market_data.coin_kinds import unfit_for_preset
from rebalancer_gui.adapters.market_data.toml_fields import Fields, read_toml
from rebalancer_gui.domain.allocation import problems_with_rule
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.money import HUNDRED, ONE
from rebalancer_gui.domain.presets import PresetDefinition, Weighting
from rebalancer_gui.domain.strategy import MAX_COINS, MIN_COINS, BandRule, RatioRule, Rule, TimeRule

DEFAULT_MINIMUM_WEIGHT = ONE
DEFAULT_RULE = RatioRule(threshold=Decimal(5))
WEIGHTINGS = {way.value: way for way in (Weighting.CAP, Weighting.SQRT_CAP, Weighting.EQUAL)}
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COIN = re.compile(r"[A-Z0-9]{1,20}")
_DAY_SECONDS = 86_400


def read_presets(folder: Path) -> tuple[PresetDefinition, ...]:
    """All presets of ``folder`` in the order of their positions. Raises EnvironmentProblem naming file and key."""
    found: dict[int, PresetDefinition] = {}
    for path in sorted(folder.glob("*.toml")):
        fields = read_toml(path)
        position = fields.integer("position", 1, 1000)
        if position in found:
            fields.refuse("position", f"{found[position].id} stands there already")
        found[position] = _preset(fields, path.stem)
    if not found:
        raise EnvironmentProblem(f"There are no presets in {folder}.", "Install the program again.")
    return tuple(found[position] for position in sorted(found))


def _preset(fields: Fields, stem: str) -> PresetDefinition:
    preset = PresetDefinition(
        id=_id(fields, stem),
        name=fields.text("name"),
        category=fields.text("category"),
        coins=_coins(fields),
        list_date=fields.day("list_date"),
        source=fields.text("source"),
        take=fields.integer("take", MIN_COINS, MAX_COINS),
        minimum_weight=_minimum_weight(fields),
        rule=_rule(fields.table("rule")) if "rule" in fields else DEFAULT_RULE,
        sell_all_on_stop=fields.flag("sell_all_on_stop"),
        weighting=_weighting(fields),
    )
    if preset.minimum_weight * min(preset.take, len(preset.coins)) > HUNDRED:
        fields.refuse("minimum_weight", f"{len(preset.coins)} coins of that weight are more than 100 %")
    fields.finish()
    return preset


def _id(fields: Fields, stem: str) -> str:
    found = fields.text("id")
    if not _ID.fullmatch(found) or found != stem:
        fields.refuse("id", "must be the file's name without .toml, in small letters, digits and hyphens")
    return found


def _coins(fields: Fields) -> tuple[str, ...]:
    coins = fields.texts("coins")
    if len(coins) < MIN_COINS:
        fields.refuse("coins", f"must name at least {MIN_COINS} coins")
    for coin in coins:
        if not _COIN.fullmatch(coin):
            fields.refuse("coins", f"{coin!r} is not a coin's name in capital letters and digits")
        unfit = unfit_for_preset(coin)
        if unfit:
            fields.refuse("coins", f"{coin} is {unfit}: a preset may not hold it")
    return coins


def _minimum_weight(fields: Fields) -> Decimal:
    if "minimum_weight" not in fields:
        return DEFAULT_MINIMUM_WEIGHT
    weight = fields.number("minimum_weight")
    if not 0 <= weight <= HUNDRED:
        fields.refuse("minimum_weight", "must be a percentage from 0 to 100")
    return weight


def _weighting(fields: Fields) -> Weighting:
    if "weighting" not in fields:
        return Weighting.CAP
    found = fields.text("weighting")
    if found not in WEIGHTINGS:
        fields.refuse("weighting", f"must be one of {', '.join(WEIGHTINGS)}")
    return WEIGHTINGS[found]


def _rule(fields: Fields) -> Rule:
    kind = fields.text("kind")
    rule: Rule
    match kind:
        case "ratio":
            rule = RatioRule(threshold=fields.number("threshold"))
        case "time":
            seconds = fields.integer("interval_seconds", 1, 90 * _DAY_SECONDS)
            gate = fields.number("gate") if "gate" in fields else TimeRule().gate
            rule = TimeRule(timedelta(seconds=seconds), gate)
        case "band":
            rule = BandRule()
        case _:
            fields.refuse("kind", 'must be "ratio", "time" or "band"')
    for problem in problems_with_rule(rule):
        fields.refuse(problem.field, problem.message.rstrip("."))
    fields.finish()
    return rule
