"""How values stand in the file: decimals as plain text, times as microseconds, small structures as JSON of strings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from rebalancer_gui.application.records import LegOutcome, LegResult
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.money import ZERO, plain
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.outcome import Reached
from rebalancer_gui.domain.planning import SkippedLeg, SkipReason
from rebalancer_gui.domain.strategy import (
    BandRule,
    Basis,
    Direction,
    Level,
    RatioRule,
    Rule,
    StrategyParameters,
    Target,
    TimeRule,
    Trigger,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = Decimal(1_000_000)
SAMPLE_DIGITS = 12
"""Samples only draw lines: so many significant digits are kept, and a week of them stays small."""


def to_text(amount: Decimal) -> str:
    """Plain notation; InvariantBroken for NaN and infinity, which are no amounts."""
    if not amount.is_finite():
        raise InvariantBroken(f"{amount} is not an amount that can be stored")
    return plain(amount)


def to_sample(amount: Decimal) -> str:
    """Plain notation with at most SAMPLE_DIGITS significant digits."""
    if amount == ZERO or not amount.is_finite():
        return to_text(amount)
    return plain(round(amount, SAMPLE_DIGITS - 1 - amount.adjusted()))


def to_decimal(text: str) -> Decimal:
    """The amount that :func:`to_text` wrote; ArithmeticError or ValueError for anything else."""
    amount = Decimal(text)
    if not amount.is_finite():
        raise ValueError(f"{text} is not an amount")
    return amount


def to_micros(at: datetime) -> int:
    """Whole microseconds since 1970 UTC; TypeError for a time without zone."""
    return (at - _EPOCH) // _MICROSECOND


def to_micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def to_time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def to_text_or_none(amount: Decimal | None) -> str | None:
    return None if amount is None else to_text(amount)


def to_decimal_or_none(text: str | None) -> Decimal | None:
    return None if text is None else to_decimal(text)


def to_time_or_none(micros: int | None) -> datetime | None:
    return None if micros is None else to_time(micros)


def parameters_to_json(parameters: StrategyParameters) -> str:
    return _dump(
        {
            "name": parameters.name,
            "quote": parameters.quote,
            "coins": [{"asset": t.asset, "weight": to_text(t.weight)} for t in parameters.targets],
            "investment": to_text(parameters.investment),
            "rule": _rule_to_json(parameters.rule),
            "sell_all_on_stop": parameters.sell_all_on_stop,
            "trigger": _trigger_to_json(parameters.trigger),
            "stop_loss": _level_to_json(parameters.stop_loss),
            "take_profit": _level_to_json(parameters.take_profit),
        }
    )


def parameters_from_json(text: str) -> StrategyParameters:
    """Rows of version 1 know neither trigger nor levels: they had none."""
    raw = json.loads(text)
    return StrategyParameters(
        name=raw["name"],
        quote=raw["quote"],
        targets=tuple(Target(coin["asset"], to_decimal(coin["weight"])) for coin in raw["coins"]),
        investment=to_decimal(raw["investment"]),
        rule=_rule_from_json(raw["rule"]),
        sell_all_on_stop=raw["sell_all_on_stop"],
        trigger=_trigger_from_json(raw.get("trigger")),
        stop_loss=_level_from_json(raw.get("stop_loss")),
        take_profit=_level_from_json(raw.get("take_profit")),
    )


def _rule_to_json(rule: Rule) -> dict[str, str]:
    match rule:
        case RatioRule():
            return {
                "kind": "ratio",
                "threshold": to_text(rule.threshold),
                "check_seconds": _to_seconds(rule.check_period),
            }
        case TimeRule():
            return {"kind": "time", "interval_seconds": _to_seconds(rule.interval), "gate": to_text(rule.gate)}
        case BandRule():
            return {"kind": "band", "check_seconds": _to_seconds(rule.check_period)}


def _rule_from_json(raw: dict[str, str]) -> Rule:
    if raw["kind"] == "ratio":
        return RatioRule(to_decimal(raw["threshold"]), _to_timedelta(raw["check_seconds"]))
    if raw["kind"] == "time":
        return TimeRule(_to_timedelta(raw["interval_seconds"]), to_decimal(raw["gate"]))
    if raw["kind"] == "band":
        return BandRule(_to_timedelta(raw["check_seconds"]))
    raise ValueError(f"there is no rule of the kind {raw['kind']}")


def _trigger_to_json(trigger: Trigger | None) -> dict[str, str | None] | None:
    if trigger is None:
        return None
    direction = trigger.direction.value if trigger.direction is not None else None
    return {"symbol": trigger.symbol, "price": to_text(trigger.price), "direction": direction}


def _trigger_from_json(raw: dict[str, Any] | None) -> Trigger | None:
    if raw is None:
        return None
    direction = Direction(raw["direction"]) if raw["direction"] is not None else None
    return Trigger(raw["symbol"], to_decimal(raw["price"]), direction)


def _level_to_json(level: Level | None) -> dict[str, str] | None:
    if level is None:
        return None
    return {"basis": level.basis.value, "symbol": level.symbol, "level": to_text(level.level)}


def _level_from_json(raw: dict[str, str] | None) -> Level | None:
    return Level(Basis(raw["basis"]), to_decimal(raw["level"]), raw["symbol"]) if raw is not None else None


def legs_to_json(legs: Sequence[LegResult]) -> str:
    return _dump(
        [
            {
                "asset": leg.asset,
                "symbol": leg.symbol,
                "side": leg.side.value,
                "wanted": to_text(leg.wanted),
                "quantity": to_text(leg.planned_quantity),
                "price": to_text(leg.planned_price),
                "filled": to_text(leg.filled),
                "outcome": leg.outcome.value,
                "detail": leg.detail,
            }
            for leg in legs
        ]
    )


def legs_from_json(text: str) -> tuple[LegResult, ...]:
    return tuple(
        LegResult(
            asset=raw["asset"],
            symbol=raw["symbol"],
            side=Side(raw["side"]),
            wanted=to_decimal(raw["wanted"]),
            planned_quantity=to_decimal(raw["quantity"]),
            planned_price=to_decimal(raw["price"]),
            filled=to_decimal(raw["filled"]),
            outcome=LegOutcome(raw["outcome"]),
            detail=raw["detail"],
        )
        for raw in json.loads(text)
    )


def skipped_to_json(skipped: Sequence[SkippedLeg]) -> str:
    return _dump(
        [
            {
                "asset": leg.asset,
                "side": leg.side.value,
                "wanted": to_text(leg.wanted),
                "reason": leg.reason.value,
                "shortfall": to_text(leg.shortfall),
                "detail": leg.detail,
            }
            for leg in skipped
        ]
    )


def skipped_from_json(text: str) -> tuple[SkippedLeg, ...]:
    return tuple(
        SkippedLeg(
            asset=raw["asset"],
            side=Side(raw["side"]),
            wanted=to_decimal(raw["wanted"]),
            reason=SkipReason(raw["reason"]),
            shortfall=to_decimal(raw["shortfall"]),
            detail=raw["detail"],
        )
        for raw in json.loads(text)
    )


def reached_to_json(reached: Sequence[Reached]) -> str:
    return _dump(
        [
            {"asset": row.asset, "target": to_text(row.target), "reached": to_text(row.reached), "why": row.why}
            for row in reached
        ]
    )


def reached_from_json(text: str) -> tuple[Reached, ...]:
    return tuple(
        Reached(raw["asset"], to_decimal(raw["target"]), to_decimal(raw["reached"]), raw["why"])
        for raw in json.loads(text)
    )


def _to_seconds(period: timedelta) -> str:
    return plain(Decimal(period // _MICROSECOND) / _SECOND)


def _to_timedelta(seconds: str) -> timedelta:
    return timedelta(microseconds=int(to_decimal(seconds) * _SECOND))


def _dump(structure: Any) -> str:  # noqa: ANN401 -- any JSON structure of this module
    return json.dumps(structure, ensure_ascii=False, separators=(",", ":"))
