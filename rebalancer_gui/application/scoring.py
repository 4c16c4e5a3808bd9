"""The scorecard as the screen shows it: with the money-weighted return, which is not worked out more often than it can change
to see, and the profit parted into what is realised and what is only on paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.application.strategy_runtime import StrategyRuntime
from rebalancer_gui.domain.coin_result import NO_RESULT
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.money_weighted import MoneyWeighted, money_weighted
from rebalancer_gui.domain.performance import Scorecard
from rebalancer_gui.domain.strategy import State

WAITS = "it waits for its trigger"
IS_BUILT = "it is being built"
NO_VALUE = "its value is not known now"
_AT_ONCE = 8
"""With so many flows the rate is worked out for each picture; with more, that many flows for a second of the account's time."""


@dataclass(frozen=True, slots=True)
class _Known:
    """From what a rate was worked out."""

    flows: int
    value: Decimal
    at: datetime
    rate: MoneyWeighted


class Scoring:
    """Of one account. Engine thread only."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def scored(self, strategy: StrategyRuntime, now: datetime) -> Scorecard:
        """The whole scorecard."""
        card = strategy.scorecard()
        on_paper = _unrealised(strategy)
        realised = card.profit - on_paper if card.profit is not None and on_paper is not None else None
        rate = self._rate(strategy, card, now)
        return replace(card, money_weighted=rate, unrealised=on_paper, realised=realised)

    def _rate(self, strategy: StrategyRuntime, card: Scorecard, now: datetime) -> MoneyWeighted:
        record = strategy.record
        if record.state is State.WAITING:
            return MoneyWeighted(None, WAITS)
        if record.started_at is None and strategy.final is None:
            return MoneyWeighted(None, IS_BUILT)
        if card.value is None:
            return MoneyWeighted(None, NO_VALUE)
        # What was paid out at the end is among the flows. As in the profit, fees that the free pool paid are taken off.
        worth = (ZERO if strategy.final is not None else card.value) - strategy.pool_cost
        at = record.ended_at or now
        if strategy.final is not None:
            self._known.pop(strategy.id, None)
            return money_weighted(strategy.flows, worth, at, record.started_at)
        known = self._known.get(strategy.id)
        if known is not None and not _is_old(known, len(strategy.flows), worth, at):
            return known.rate
        rate = money_weighted(strategy.flows, worth, at, record.started_at)
        self._known[strategy.id] = _Known(len(strategy.flows), worth, at, rate)
        return rate


def _is_old(known: _Known, flows: int, worth: Decimal, at: datetime) -> bool:
    if known.flows != flows:
        return True
    if (known.value, known.at) == (worth, at):
        return False
    return at - known.at >= timedelta(seconds=flows // _AT_ONCE)


def _unrealised(strategy: StrategyRuntime) -> Decimal | None:
    """What the coins that are held have gained since they were bought or put in; None before the start, and where a price or
    a basis is not known.
    """
    if strategy.final is not None:
        return ZERO
    if strategy.record.started_at is None or strategy.snapshot is None:
        return None
    gained = ZERO
    for row in strategy.snapshot.holdings:
        if row.quantity > ZERO:
            part = strategy.results.get(row.asset, NO_RESULT).unrealised(row.value)
            if part is None:
                return None
            gained += part
    return gained


def all_together(scores: Iterable[Scorecard]) -> tuple[Decimal | None, Decimal | None]:
    """What is realised and what is not of several scorecards in the same money; None where one of them does not know it."""
    realised, on_paper = ZERO, ZERO
    for card in scores:
        if card.realised is None or card.unrealised is None:
            return None, None
        realised += card.realised
        on_paper += card.unrealised
    return realised, on_paper
