"""Trigger price, stop-loss and take-profit: when a level counts as reached, and which levels are legal (section 6).

Nothing rests on the exchange: the engine watches these levels with every batch of quotes.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.money import HUNDRED, ZERO, plain
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.strategy import Basis, Direction, Level, StrategyParameters, Trigger

GOOD_QUOTES = 3
"""So many good quotes in a row must agree before a level fires or a jump is believed."""
APART = timedelta(seconds=2)
"""At least so far apart."""


class Watch(enum.Enum):
    """What is watched; the value is its field in FILES.md."""

    TRIGGER = "trigger"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"


WORDS = {Watch.TRIGGER: "trigger", Watch.STOP_LOSS: "stop-loss", Watch.TAKE_PROFIT: "take-profit"}
"""As they are said on screen."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How many good quotes in a row, each at least :data:`APART` (or what the rails say) after the one before, have reached
    a level.
    """

    count: int = 0
    at: datetime | None = None

    def after(self, at: datetime, *, reached: bool, apart: timedelta = APART) -> Confirmation:
        """With one more good quote of the time ``at``; one that does not agree begins anew."""
        if not reached:
            return Confirmation()
        if self.at is not None and at - self.at < apart:
            return self
        return Confirmation(self.count + 1, at)

    @property
    def is_confirmed(self) -> bool:
        return self.count >= GOOD_QUOTES


def direction_of(watch: Watch, level: Level | Trigger) -> Direction:
    """From which side the level is reached; for a trigger it was fixed when the strategy was created."""
    if isinstance(level, Trigger):
        if level.direction is None:
            raise ValueError("the direction of a trigger is fixed when its strategy is created")
        return level.direction
    return Direction.FALLING if watch is Watch.STOP_LOSS else Direction.RISING


def is_reached(watch: Watch, level: Level | Trigger, figure: Decimal) -> bool:
    """Whether ``figure`` (last price of the level's symbol, or the return in percent) is at or beyond the level."""
    value = level.price if isinstance(level, Trigger) else level.level
    return direction_of(watch, level).reached(figure, value)


def last_price(
    quotes: Mapping[str, Quote], symbol: str, now: datetime, stale_after: timedelta | None
) -> Decimal | None:
    """The last price of ``symbol`` when its quote is good, else None: a bad quote counts for nothing."""
    quote = quotes.get(symbol)
    if quote is None or quote.fault(now, stale_after) is not None or quote.last <= ZERO:
        return None
    return quote.last


def with_direction(trigger: Trigger, price_now: Decimal) -> Trigger:
    """Rising where the level is above the present price, else falling (BEHAVIOUR.md section 6)."""
    direction = Direction.RISING if trigger.price > price_now else Direction.FALLING
    return Trigger(trigger.symbol, trigger.price, direction)


def level_words(watch: Watch, level: Level | Trigger, quote_asset: str) -> str:
    """What is watched, as a label that always says on what: ``BTC/USDT <= 30000 USDT``, ``return <= -20 %``."""
    if isinstance(level, Trigger):
        sign = level.direction.value if level.direction is not None else "at"
        return f"{level.symbol} {sign} {plain(level.price)} {level.symbol.partition('/')[2]}"
    sign = direction_of(watch, level).value
    if level.basis is Basis.RETURN:
        return f"time-weighted return {sign} {plain(level.level)} %"
    return f"{level.symbol} {sign} {plain(level.level)} {level.symbol.partition('/')[2] or quote_asset}"


def problems_with_levels(
    parameters: StrategyParameters,
    lasts: Mapping[str, Decimal],
    *,
    waiting: bool = True,
    returned: Decimal = ZERO,
) -> list[Problem]:
    """Levels that make no sense, or that would fire at once: refused with the present price in the message.

    ``lasts`` are the present last prices by symbol. ``waiting``: the trigger is still ahead, so a stop-loss or
    take-profit on the trigger's symbol is judged at the trigger's price. ``returned`` is the present time-weighted
    return in percent (0 for a new strategy).
    """
    problems: list[Problem] = []
    trigger = parameters.trigger if waiting else None
    if trigger is not None:
        problems += _problems_with_trigger(trigger, lasts)
    for watch, level in ((Watch.STOP_LOSS, parameters.stop_loss), (Watch.TAKE_PROFIT, parameters.take_profit)):
        if level is not None:
            problems += _problems_with_level(watch, level, lasts, trigger, returned)
    return problems


def problems_of_form(watch: Watch, level: Level | Trigger) -> list[Problem]:
    """What no market could make right: a price of 0 or less, a return at which all is lost."""
    field, word = watch.value, WORDS[watch]
    value = level.price if isinstance(level, Trigger) else level.level
    if not value.is_finite():
        return [Problem(field, f"The {word} must be a number.")]
    if isinstance(level, Level) and level.basis is Basis.RETURN:
        if value <= -HUNDRED:
            return [Problem(field, f"A {word} on the return must be above -100 %, where all is lost.")]
        return []
    return [] if value > ZERO else [Problem(field, f"The {word} price must be above 0.")]


def _problems_with_trigger(trigger: Trigger, lasts: Mapping[str, Decimal]) -> list[Problem]:
    field = Watch.TRIGGER.value
    if formal := problems_of_form(Watch.TRIGGER, trigger):
        return formal
    now = lasts.get(trigger.symbol)
    if now is None:
        return [Problem(field, f"{trigger.symbol} has no price on this account now: choose a symbol that trades.")]
    if trigger.price == now:
        money = trigger.symbol.partition("/")[2]
        return [
            Problem(field, f"{trigger.symbol} is at {plain(now)} {money} now: the trigger must be above or below that.")
        ]
    return []


def _problems_with_level(
    watch: Watch, level: Level, lasts: Mapping[str, Decimal], trigger: Trigger | None, returned: Decimal
) -> list[Problem]:
    field, word = watch.value, WORDS[watch]
    if formal := problems_of_form(watch, level):
        return formal
    below = watch is Watch.STOP_LOSS
    if level.basis is Basis.RETURN:
        if is_reached(watch, level, returned):
            side = "below" if below else "above"
            legal = f"it must be {side} the present return of {plain(round(returned, 2))} %"
            return [Problem(field, f"The {word} at {plain(level.level)} % would fire at once: {legal}.")]
        return []
    at_trigger = trigger is not None and trigger.symbol == level.symbol
    now = trigger.price if trigger is not None and at_trigger else lasts.get(level.symbol)
    if now is None:
        return [Problem(field, f"{level.symbol} has no price on this account now: choose a symbol that trades.")]
    if is_reached(watch, level, now):
        money, side = level.symbol.partition("/")[2], "below" if below else "above"
        where = f"the trigger price of {plain(now)} {money}" if at_trigger else f"the present {plain(now)} {money}"
        return [Problem(field, f"The {word} would fire at once: it must be {side} {where} of {level.symbol}.")]
    return []
