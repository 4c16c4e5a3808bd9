"""What is to be simulated: bars, target weights, a rule, money, what trading costs and what an exchange allows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.backtest.bars import Bars
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import FeeSide
from rebalancer_gui.domain.strategy import Basis, Level, Rule, StrategyParameters, Trigger


@dataclass(frozen=True, slots=True)
class Costs:
    """``fee`` and ``half_spread`` as fractions of the traded value (0.001 = 0.1 %); ``side`` is what the fee is taken in:
    the asset received (a buy gets less of the coin) or the quote asset (a buy costs more).
    """

    fee: float = 0.0
    side: FeeSide = FeeSide.RECEIVED
    half_spread: float = 0.0


@dataclass(frozen=True, slots=True)
class MarketLimit:
    """What one order of a coin must satisfy: quantity grid and smallest quantity in base units (0: none), smallest value in
    quote units.
    """

    step: float = 0.0
    min_quantity: float = 0.0
    min_notional: float = 0.0


@dataclass(frozen=True, slots=True)
class Flow:
    """Money put in (> 0) or taken out (< 0), in quote units, at ``at`` seconds since 1970 UTC: it happens at the first bar
    that closes then or later.
    """

    at: int
    amount: float


@dataclass(frozen=True, slots=True)
class Job:
    """One backtest. ``weights`` in percent, in the order of the bars' symbols; ``investment`` in quote units; ``limits`` one
    per coin, or none at all.
    """

    bars: Bars
    weights: tuple[float, ...]
    rule: Rule
    investment: float
    costs: Costs = Costs()
    limits: tuple[MarketLimit, ...] = ()
    flows: tuple[Flow, ...] = ()
    trigger: Trigger | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None
    sell_all: bool = True

    def __post_init__(self) -> None:
        """Raises InvalidInput with the field that is wrong."""
        coins = len(self.bars.symbols)
        if len(self.weights) != coins or not all(math.isfinite(w) and w > 0 for w in self.weights):
            raise InvalidInput("weights", f"Each of the {coins} coins needs a weight above 0.")
        if not math.isclose(sum(self.weights), 100, abs_tol=1e-6):
            raise InvalidInput("weights", f"The weights must add up to 100 %, not {sum(self.weights):g} %.")
        if not (math.isfinite(self.investment) and self.investment > 0):
            raise InvalidInput("investment", "The investment must be above 0.")
        if not 0 <= self.costs.fee < 1 or not 0 <= self.costs.half_spread < 1:
            raise InvalidInput("fee", "The fee and the half spread must be from 0 to under 100 %.")
        if self.costs.side is FeeSide.THIRD:
            raise InvalidInput("fee_side", "A backtest takes its fee in the asset received or in the quote asset.")
        if self.limits and len(self.limits) != coins:
            raise InvalidInput("min_notional", f"Market limits are given for each of the {coins} coins, or for none.")
        for symbol in self.watched:
            if symbol not in self.bars.symbols and symbol not in self.bars.watched:
                field = "trigger" if self.trigger is not None and self.trigger.symbol == symbol else "stop_loss"
                raise InvalidInput(field, f"There are no candles of {symbol}, which is watched.")

    @property
    def watched(self) -> tuple[str, ...]:
        """The symbols that the trigger, the stop-loss and the take-profit look at."""
        levels = [level.symbol for level in (self.stop_loss, self.take_profit) if level and level.basis is Basis.PRICE]
        return tuple(dict.fromkeys((*([self.trigger.symbol] if self.trigger else []), *levels)))


def job_of(
    parameters: StrategyParameters,
    bars: Bars,
    costs: Costs | None = None,
    limits: tuple[MarketLimit, ...] = (),
    flows: tuple[Flow, ...] = (),
) -> Job:
    """The job of a strategy as it is set: its coins must be the bars' symbols, in the same order. Raises InvalidInput."""
    if bars.symbols != parameters.symbols:
        raise InvalidInput("candles", "The bars must be of the strategy's coins, in their order.")
    return Job(
        bars=bars,
        weights=tuple(_float(target.weight) for target in parameters.targets),
        rule=parameters.rule,
        investment=_float(parameters.investment),
        costs=costs or Costs(),
        limits=limits,
        flows=flows,
        trigger=parameters.trigger,
        stop_loss=parameters.stop_loss,
        take_profit=parameters.take_profit,
        sell_all=parameters.sell_all_on_stop,
    )


def _float(number: Decimal) -> float:
    return float(number)
