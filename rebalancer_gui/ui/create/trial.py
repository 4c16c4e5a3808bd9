"""A rule tried on candles, for the rule cockpit: the work that is done beside the window. No Qt; any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.expectation import YEAR, expect
from rebalancer_gui.domain.market import FeeSide, MarketRules, symbol_of
from rebalancer_gui.domain.money import HUNDRED
from rebalancer_gui.domain.strategy import Rule, Target
from rebalancer_gui.ui.translation import tr

if TYPE_CHECKING:
    from rebalancer_gui.backtest.bars import Bars

LEAST_SPAN = timedelta(days=30)
"""Of less a year cannot be told."""
SEEN = 3
"""Bars a rebalance needs on average: of two within one bar a backtest sees one."""
_INVESTMENT = Decimal(10_000)
"""In quote units, where no amount is known; nothing is too small then."""
_PLACES = Decimal("0.0001")
_FINE = Decimal("1e-10")


@dataclass(frozen=True, slots=True)
class TrialWish:
    """What is tried. `worth` in quote units (None: not known), `fee` and `half_spread` fractions of one side; `limits` are the
    rules of the coins' markets in their order, or none.
    """

    targets: tuple[Target, ...]
    quote: str
    rule: Rule
    worth: Decimal | None
    fee: Decimal
    half_spread: Decimal
    side: FeeSide
    limits: tuple[MarketRules, ...] = ()

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(symbol_of(t.asset, self.quote) for t in self.targets)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the candles say. `volatilities` s_rel by coin, fractions a year; `rebalances` a year and `turnover` one-way a year as
    a fraction of the portfolio, both None where the bars are too long for the rule.
    """

    timeframe: timedelta
    span: timedelta
    until: date
    volatilities: Mapping[str, Decimal]
    rebalances: Decimal | None = None
    turnover: Decimal | None = None


def bars_of(series: Mapping[str, CandleSeries], symbols: tuple[str, ...]) -> Bars:
    """Raises InvalidInput (field `candles`) where nothing can be tried on these candles."""
    # numpy comes with it, which the window does not wait for at its start.
    from rebalancer_gui.backtest.bars import make_bars

    bars = make_bars(series, symbols)
    if bars.at(-1) - bars.at(0) < LEAST_SPAN:
        raise InvalidInput("candles", tr("The candles reach over less than {days} days.", days=LEAST_SPAN.days))
    return bars


def try_rule(bars: Bars, wish: TrialWish) -> Trial:
    """`bars` are those of the wish's symbols, in their order. Takes some milliseconds."""
    from rebalancer_gui.backtest.job import Costs, Job, MarketLimit
    from rebalancer_gui.backtest.metrics import figures_of
    from rebalancer_gui.backtest.moves import relative_volatilities
    from rebalancer_gui.backtest.simulate import simulate

    weights = tuple(float(t.weight) for t in wish.targets)
    moves = relative_volatilities(bars, weights)
    volatilities = {t.asset: _decimal(s, _PLACES) for t, s in zip(wish.targets, moves, strict=True)}
    last: datetime = bars.at(-1).astimezone(UTC)
    trial = Trial(bars.timeframe, bars.at(-1) - bars.at(0), last.date(), volatilities)
    expected = expect(wish.rule, wish.targets, volatilities, wish.fee + wish.half_spread).rebalances
    if expected * SEEN >= YEAR // bars.timeframe:
        return trial
    limits = tuple(MarketLimit(float(m.step_size), float(m.min_quantity), float(m.min_notional)) for m in wish.limits)
    side = FeeSide.QUOTE if wish.side is FeeSide.THIRD else wish.side
    run = simulate(
        Job(
            bars=bars,
            weights=weights,
            rule=wish.rule,
            investment=float(wish.worth if wish.worth is not None else _INVESTMENT),
            costs=Costs(float(wish.fee), side, float(wish.half_spread)),
            limits=limits if wish.worth is not None else (),
        )
    )
    figures = figures_of(run)
    return Trial(
        trial.timeframe,
        trial.span,
        trial.until,
        volatilities,
        _decimal(figures.rebalances_a_year, _FINE),
        _decimal(figures.turnover_a_year, _FINE) / HUNDRED,
    )


def _decimal(number: float, places: Decimal) -> Decimal:
    return Decimal(repr(number)).quantize(places)
