"""Trigger, stop-loss and take-profit as the form says them: choices, present figures, sentences. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.creation import last_prices
from rebalancer_gui.domain.market import MarketRules, symbol_of
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.protection import APART, GOOD_QUOTES, WORDS, Watch, direction_of, with_direction
from rebalancer_gui.domain.strategy import Basis, Direction, Level, Trigger
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NO_BREAK_SPACE, NumberFormat, places_of
from rebalancer_gui.ui.translation import tr

LEVEL_FIELDS = tuple(watch.value for watch in Watch)
"""Their names in FILES.md, in the order of the form."""
ON_RETURN = ""
"""The key of the basis "on the return"; every other key is a symbol."""
ADVANCED_HINT = tr("trigger, stop-loss, take-profit")
WATCHED_HERE = tr(
    "The engine watches these levels; nothing rests on the exchange. While the program is closed, asleep or offline they "
    "do not fire. Each needs {GOOD_QUOTES} good quotes in a row, at least {APART} apart.",
    GOOD_QUOTES=GOOD_QUOTES,
    APART=duration_text(APART),
)
_SIGNS = {Direction.RISING: "\u2265", Direction.FALLING: "\u2264"}


@dataclass(frozen=True, slots=True)
class Figures:
    """What levels are judged against: last price by symbol, and the strategy's time-weighted return in percent.

    `started` is False for a strategy that does not exist yet; `returned` None while a price is missing.
    """

    lasts: Mapping[str, Decimal]
    rules: Mapping[str, MarketRules]
    returned: Decimal | None = ZERO
    started: bool = False


def figures_around(around: Surroundings | None, symbols: Collection[str]) -> Figures:
    """The present figures of these symbols, for a strategy that does not exist yet."""
    if around is None:
        return Figures({}, {})
    quotes = {symbol: around.quotes[symbol] for symbol in symbols if symbol in around.quotes}
    return Figures(last_prices(quotes), around.rules)


def symbol_choices(assets: Sequence[str], quote: str, around: Surroundings) -> tuple[str, ...]:
    """Every symbol that trades on the account, those of the strategy first."""
    own = [symbol_of(asset, quote) for asset in assets if around.trades(asset, quote)]
    return tuple(dict.fromkeys((*own, *around.symbols)))


def basis_text(key: str) -> str:
    """`on the return, %`, `price of BTC/USDT`."""
    return tr("on the return, %") if key == ON_RETURN else tr("price of {key}", key=key)


def money_of(symbol: str) -> str:
    """In what a symbol is priced: `USDT`."""
    return symbol.partition("/")[2]


def price_text(symbol: str, price: Decimal, figures: Figures, numbers: NumberFormat) -> str:
    """`96,418.20 USDT`, with the decimals of the market, or more where the price itself has more."""
    market = figures.rules.get(symbol)
    places = max(places_of(price), places_of(market.tick_size) if market is not None else 0, 2)
    return numbers.fixed(price, places, money_of(symbol))


def percent_text(value: Decimal, numbers: NumberFormat) -> str:
    return numbers.percent(value, places_of(value))


def now_text(key: str, figures: Figures, numbers: NumberFormat) -> str:
    """Where the measured figure stands now: `BTC/USDT is at 96,418.20 USDT`, `return now -3.20 %`."""
    if key == ON_RETURN:
        if not figures.started:
            return tr("return starts at {ZERO}", ZERO=percent_text(ZERO, numbers))
        if figures.returned is None:
            return tr("the return is not known now")
        return tr("return now {returned}", returned=numbers.change_percent(figures.returned))
    last = figures.lasts.get(key)
    return (
        tr("{key} has no price now", key=key)
        if last is None
        else tr("{key} is at {key2}", key=key, key2=price_text(key, last, figures, numbers))
    )


def watch_text(watch: Watch, level: Level | Trigger, figures: Figures, numbers: NumberFormat) -> str:
    """On what it is measured and from which side: `BTC/USDT >= 100,000.00 USDT`, `return <= -20 %`, with real signs.

    A trigger whose side is not fixed yet takes that of the present price; without a price the sign is left out.
    """
    if isinstance(level, Trigger):
        level = _aimed(level, figures)
        sign = _SIGNS[level.direction] if level.direction is not None else "at"
        return f"{level.symbol} {sign}{NO_BREAK_SPACE}{price_text(level.symbol, level.price, figures, numbers)}"
    sign = _SIGNS[direction_of(watch, level)]
    if level.basis is Basis.RETURN:
        return tr(
            "return {sign}{NO_BREAK_SPACE}{level}",
            sign=sign,
            NO_BREAK_SPACE=NO_BREAK_SPACE,
            level=percent_text(level.level, numbers),
        )
    return f"{level.symbol} {sign}{NO_BREAK_SPACE}{price_text(level.symbol, level.level, figures, numbers)}"


def level_sentence(watch: Watch, level: Level | Trigger | None, figures: Figures, numbers: NumberFormat) -> str:
    """What the field means as it stands, also while it is empty."""
    if level is None:
        return _EMPTY[watch]
    words = watch_text(watch, level, figures, numbers)
    if isinstance(level, Trigger):
        side = {
            Direction.RISING: tr("from below"),
            Direction.FALLING: tr("from above"),
            None: tr("once there is a price"),
        }
        return tr(
            "Starts when {words}, reached {side}. Its money is reserved meanwhile.",
            words=words,
            side=side[_aimed(level, figures).direction],
        )
    if level.basis is Basis.RETURN:
        words = tr("its time-weighted {words}", words=words)
    return tr("Ends it when {words}.", words=words)


_EMPTY = {
    Watch.TRIGGER: tr("Empty: it starts at once."),
    Watch.STOP_LOSS: tr("Empty: no stop-loss. A loss is written with a minus."),
    Watch.TAKE_PROFIT: tr("Empty: no take-profit."),
}


def levels_text(levels: Mapping[Watch, Level | Trigger | None], figures: Figures, numbers: NumberFormat) -> str:
    """What is set, in one line: `trigger BTC/USDT >= 100,000.00 USDT; stop-loss return <= -20 %`; empty for none."""
    return "; ".join(
        f"{said(WORDS[watch])} {watch_text(watch, level, figures, numbers)}"
        for watch, level in levels.items()
        if level is not None
    )


def _aimed(trigger: Trigger, figures: Figures) -> Trigger:
    last = figures.lasts.get(trigger.symbol)
    if trigger.direction is not None or last is None:
        return trigger
    return with_direction(trigger, last)
