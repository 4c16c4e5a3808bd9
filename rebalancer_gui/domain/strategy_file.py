"""The strategy file of docs/files.md: text to parameters and back.

Reading is all or nothing: a file with any fault is refused with all its faults named (InvalidFile), and it can say
nothing but what a strategy is: no host, no limit of the account, no permission to trade.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.domain.allocation import (
    MONEY_GRID,
    problems_with_count,
    problems_with_name,
    problems_with_rule,
    problems_with_targets,
)
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.hostile_json import JsonObject, kind_of, read_object, refuse_if
from rebalancer_gui.domain.money import ZERO, floor_to_step, plain
from rebalancer_gui.domain.naming import suggested_name
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.protection import Watch, problems_of_form
from rebalancer_gui.domain.strategy import (
    DEFAULT_CHECK_PERIOD,
    DEFAULT_GATE,
    MAX_COINS,
    MIN_COINS,
    BandRule,
    Basis,
    Level,
    RatioRule,
    Rule,
    StrategyParameters,
    Target,
    TimeRule,
    Trigger,
)

FORMAT = "rebalancer-strategy"
VERSION = 1
DESTINATION = "target"
"""Where a rebalance goes: back to the exact target weights."""
FIELDS = (
    "format", "version", "name", "quote", "coins", "weights", "investment", "rule", "threshold", "check_period", "interval",
    "gate", "trigger", "stop_loss", "take_profit",
)  # fmt: skip
"""The fields that problems are filed under, in the order in which they are told."""
_WHOLE_FILE = "format"
_MICROSECOND = timedelta(microseconds=1)
_MOST_SECONDS = Decimal(10) ** 8
"""Far beyond every legal duration, and not beyond what can be counted."""


@dataclass(frozen=True, slots=True)
class StrategyFile:
    """What a file says. Without ``sell_all_given`` the file leaves open what Stop does with the coins
    (``parameters.sell_all_on_stop`` is False then): it has no default, the owner is asked.
    """

    parameters: StrategyParameters
    sell_all_given: bool


def parse_strategy(text: str | bytes) -> StrategyFile:
    """Read a strategy file. Raises InvalidFile with every fault, each under its field of FIELDS.

    A missing name is made of the coins. What depends on a market or an account (prices, minimums, free money, a name
    that is taken) is not judged here but by :func:`rebalancer_gui.domain.creation.problems_with`.
    """
    noted: list[Problem] = []
    table = read_object(text, _WHOLE_FILE, noted)
    if _is_foreign(table):
        refuse_if(noted)  # The rest of a file of another kind or version has another meaning.
    name = table.text("name", "name", "a text", needed=False)
    quote = table.asset("quote", "quote")
    targets = _targets(table, quote, noted)
    investment = table.number("investment", "investment", "1000")
    if investment is not None and investment <= ZERO:
        table.note("investment", f"The investment must be above 0, not {plain(investment)}.")
    rule = _rule(table, noted)
    trigger = _trigger(table, noted)
    stop_loss = _level(table, Watch.STOP_LOSS, noted)
    take_profit = _level(table, Watch.TAKE_PROFIT, noted)
    sell_all = table.flag("sell_all_on_stop", _WHOLE_FILE)
    destination = table.text("destination", _WHOLE_FILE, f'"{DESTINATION}"', needed=False)
    if destination not in {None, DESTINATION}:
        table.note(_WHOLE_FILE, f'"destination" must be "{DESTINATION}", not {kind_of(destination)}.')
    table.finish()
    if name is None and "name" not in table:
        name = suggested_name([target.asset for target in targets or ()], ())
    elif name is not None:
        name = name.strip()
        noted += problems_with_name(name, ())
    refuse_if(sorted(noted, key=lambda problem: FIELDS.index(problem.field)))
    if name is None or quote is None or targets is None or investment is None or rule is None:
        raise InvariantBroken("A value of the strategy file is missing and nothing was noted.")
    parameters = StrategyParameters(
        name=name,
        quote=quote,
        targets=targets,
        investment=investment,
        rule=rule,
        sell_all_on_stop=bool(sell_all),
        trigger=trigger,
        stop_loss=stop_loss,
        take_profit=take_profit,
    )
    return StrategyFile(parameters, sell_all_given=sell_all is not None)


def write_strategy(parameters: StrategyParameters, worth: Decimal = ZERO) -> str:
    """The file of ``parameters``; :func:`parse_strategy` reads the same from it, but for a trigger's direction, which is
    fixed anew where the strategy is created.

    A file needs an investment. A strategy that was started with held coins alone has none: in its place stands ``worth``
    (quote units, what was invested in coins), cut to the grid of money and at least one point of it.
    """
    investment = parameters.investment
    if investment <= ZERO:
        investment = max(floor_to_step(max(worth, ZERO), MONEY_GRID), MONEY_GRID)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "name": parameters.name,
        "quote": parameters.quote,
        "coins": [{"asset": target.asset, "weight": plain(target.weight)} for target in parameters.targets],
        "investment": plain(investment),
        "rule": _rule_content(parameters.rule),
        "trigger": _trigger_content(parameters.trigger),
        "stop_loss": _level_content(parameters.stop_loss),
        "take_profit": _level_content(parameters.take_profit),
        "sell_all_on_stop": parameters.sell_all_on_stop,
        "destination": DESTINATION,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _is_foreign(table: JsonObject) -> bool:
    """Whether the file says that it is something else; where it does not say what it is, its other faults are told too."""
    found = table.text("format", "format", f'"{FORMAT}"')
    if found is not None and found != FORMAT:
        table.note("format", f'The format must be "{FORMAT}", not {kind_of(found)}.')
    version = table.whole("version", "version", f"{VERSION}")
    if version is not None and version != VERSION:
        hint = "a newer program wrote this file" if version > VERSION else "there is no such version"
        table.note("version", f"Version {plain(version)} is not known, {hint}: this program reads version {VERSION}.")
    return found not in {None, FORMAT} or version not in {None, VERSION}


def _targets(table: JsonObject, quote: str | None, noted: list[Problem]) -> tuple[Target, ...] | None:
    legal = f"an array of {MIN_COINS} to {MAX_COINS} coins"
    entries = table.entries("coins", "coins", legal)
    if entries is None:
        return None
    if not MIN_COINS <= len(entries) <= MAX_COINS:
        # Counted before it is looked at: a list of thousands is not worth a line each.
        noted += problems_with_count(len(entries))
        return None
    targets = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            wanted = 'an object such as {"asset": "BTC", "weight": "40"}'
            table.note("coins", f"Coin {number} must be {wanted}, not {kind_of(entry)}.")
            continue
        coin = JsonObject(entry, noted, f"Coin {number}", "coins")
        asset, weight = coin.asset("asset", "coins"), coin.number("weight", "weights", "40")
        coin.finish()
        if asset is not None and weight is not None:
            targets.append(Target(asset, weight))
    if len(targets) < len(entries):
        return None
    noted += problems_with_targets(targets, quote or "")
    return tuple(targets)


def _rule(table: JsonObject, noted: list[Problem]) -> Rule | None:
    content = table.nested("rule", "rule", 'an object such as {"kind": "ratio", "threshold": "5"}')
    if content is None:
        return None
    kinds = '"ratio" (by coin ratio), "time" or "band" (auto band)'
    kind = content.text("kind", "rule", kinds)
    rule: Rule
    if kind == "ratio":
        threshold = content.number("threshold", "threshold", "5")
        period = _duration(content, "check_seconds", "check_period", "2", default=DEFAULT_CHECK_PERIOD)
        content.finish()
        if threshold is None or period is None:
            return None
        rule = RatioRule(threshold, period)
    elif kind == "time":
        interval = _duration(content, "interval_seconds", "interval", "86400")
        gate = content.number("gate", "gate", "0.5", needed=False)
        content.finish()
        if interval is None or (gate is None and "gate" in content):
            return None
        rule = TimeRule(interval, DEFAULT_GATE if gate is None else gate)
    elif kind == "band":
        period = _duration(content, "check_seconds", "check_period", "2", default=DEFAULT_CHECK_PERIOD)
        content.finish()
        if period is None:
            return None
        rule = BandRule(period)
    else:
        if kind is not None:
            content.note("rule", f'"kind" must be {kinds}, not {kind_of(kind)}.')
        return None
    noted += problems_with_rule(rule)
    return rule


def _duration(
    content: JsonObject, key: str, field: str, example: str, default: timedelta | None = None
) -> timedelta | None:
    legal = f"a number of seconds, such as {example}"
    seconds = content.whole(key, field, legal, needed=default is None)
    if seconds is None:
        return None if key in content else default
    count = max(-_MOST_SECONDS, min(seconds, _MOST_SECONDS)) * 1_000_000
    if count != int(count):
        content.note(field, f'"{key}" must be {legal}, with at most 6 digits after the point.')
        return None
    return _MICROSECOND * int(count)


def _trigger(table: JsonObject, noted: list[Problem]) -> Trigger | None:
    field = Watch.TRIGGER.value
    content = table.nested(
        field, field, 'null or an object such as {"symbol": "BTC/USDT", "price": "50000"}', needed=False
    )
    if content is None:
        return None
    symbol, price = content.symbol("symbol", field), content.number("price", field, "50000")
    content.finish()
    if symbol is None or price is None:
        return None
    trigger = Trigger(symbol, price)
    noted += problems_of_form(Watch.TRIGGER, trigger)
    return trigger


def _level(table: JsonObject, watch: Watch, noted: list[Problem]) -> Level | None:
    field = watch.value
    example = '{"basis": "price", "symbol": "BTC/USDT", "level": "30000"} or {"basis": "return", "level": "-20"}'
    content = table.nested(field, field, f"null or an object such as {example}", needed=False)
    if content is None:
        return None
    bases = '"price" or "return"'
    basis = content.text("basis", field, bases)
    if basis not in {None, Basis.PRICE.value, Basis.RETURN.value}:
        content.note(field, f'"basis" must be {bases}, not {kind_of(basis)}.')
        basis = None
    if basis is None:
        return None
    symbol = content.symbol("symbol", field) if basis == Basis.PRICE.value else ""
    figure = content.number("level", field, "30000" if basis == Basis.PRICE.value else "-20")
    content.finish()
    if symbol is None or figure is None:
        return None
    level = Level(Basis(basis), figure, symbol)
    noted += problems_of_form(watch, level)
    return level


def _rule_content(rule: Rule) -> dict[str, object]:
    if isinstance(rule, RatioRule):
        return {"kind": "ratio", "threshold": plain(rule.threshold), "check_seconds": _seconds(rule.check_period)}
    if isinstance(rule, BandRule):
        return {"kind": "band", "check_seconds": _seconds(rule.check_period)}
    return {"kind": "time", "interval_seconds": _seconds(rule.interval), "gate": plain(rule.gate)}


def _seconds(lasting: timedelta) -> int | str:
    seconds = Decimal(lasting // _MICROSECOND) / 1_000_000
    return int(seconds) if seconds == int(seconds) else plain(seconds)


def _trigger_content(trigger: Trigger | None) -> dict[str, str] | None:
    return None if trigger is None else {"symbol": trigger.symbol, "price": plain(trigger.price)}


def _level_content(level: Level | None) -> dict[str, str] | None:
    if level is None:
        return None
    symbol = {"symbol": level.symbol} if level.symbol else {}
    return {"basis": level.basis.value, **symbol, "level": plain(level.level)}


def read_rule(table: JsonObject, noted: list[Problem]) -> Rule | None:
    """The ``rule`` of another file that holds one; None with what is wrong in ``noted``."""
    return _rule(table, noted)


def rule_content(rule: Rule) -> dict[str, object]:
    """``rule`` as it stands in a file, for another file that holds one."""
    return _rule_content(rule)
