"""What "Test this rule" is about: coins, rule and money, and what trading them costs here. Pure: no Qt, no numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.market import FeeSchedule, MarketRules, symbol_of
from rebalancer_gui.domain.strategy import (
    BandRule,
    Basis,
    Level,
    RatioRule,
    Rule,
    StrategyParameters,
    Target,
    TimeRule,
    limit_of,
)
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.create.outlook import half_spread_of
from rebalancer_gui.ui.create.surroundings import surroundings_of
from rebalancer_gui.ui.formatting import NumberFormat, places_of
from rebalancer_gui.ui.translation import tr


@dataclass(frozen=True, slots=True)
class Subject:
    """``amount`` in quote units is what the test begins with; ``half_spread`` a fraction of the price, as it is now.

    ``rules`` are the market's, by symbol; a coin without any is traded without limits. ``stop_loss`` and ``take_profit``
    are measured on the return: levels on a price belong to today's prices and are ``left_out`` (in words). ``demo``: the
    account replays, it has daily candles only. ``use`` says in a sentence what "Use this rule" does.
    """

    account: str
    targets: tuple[Target, ...]
    quote: str
    rule: Rule
    amount: Decimal
    fees: FeeSchedule
    half_spread: Decimal
    rules: Mapping[str, MarketRules]
    use: str
    demo: bool = False
    stop_loss: Level | None = None
    take_profit: Level | None = None
    left_out: tuple[str, ...] = ()

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(symbol_of(target.asset, self.quote) for target in self.targets)

    @property
    def assets(self) -> tuple[str, ...]:
        return tuple(target.asset for target in self.targets)


def subject_of(
    parameters: StrategyParameters, amount: Decimal, view: AccountView, rules: Mapping[str, MarketRules], use: str
) -> Subject:
    """The rule of ``parameters`` on the account of ``view``, beginning with ``amount``."""
    left_out = []
    if parameters.trigger is not None:
        left_out.append(tr("the trigger price"))
    for name, level in (("stop-loss", parameters.stop_loss), ("take-profit", parameters.take_profit)):
        if level is not None and level.basis is Basis.PRICE:
            left_out.append(tr("the {name} price", name=name))
    return Subject(
        account=view.account,
        targets=parameters.targets,
        quote=parameters.quote,
        rule=parameters.rule,
        amount=amount,
        fees=view.fees,
        half_spread=half_spread_of(parameters.targets, parameters.quote, surroundings_of(view, rules)),
        rules={symbol: rules[symbol] for symbol in parameters.symbols if symbol in rules},
        use=use,
        demo=view.demo is not None,
        stop_loss=_on_return(parameters.stop_loss),
        take_profit=_on_return(parameters.take_profit),
        left_out=tuple(left_out),
    )


def _on_return(level: Level | None) -> Level | None:
    return level if level is not None and level.basis is Basis.RETURN else None


def short_rule(rule: Rule, numbers: NumberFormat) -> str:
    """``5 %, every 30 min``, ``5 %, by ratio`` or ``auto band``: as beside the value line and on the button."""
    if isinstance(rule, BandRule):
        return tr("auto band")
    limit = numbers.percent(limit_of(rule), places_of(limit_of(rule)))
    if isinstance(rule, TimeRule):
        return f"{limit}, {duration_text(rule.interval)}"
    return tr("{limit}, by ratio", limit=limit)


def title_text(subject: Subject, numbers: NumberFormat) -> str:
    """``BTC 50 / ETH 30 / SOL 20, by coin ratio 5 %``."""
    coins = " / ".join(f"{t.asset} {numbers.fixed(t.weight, places_of(t.weight))}" for t in subject.targets)
    return f"{coins}, {_how(subject.rule, numbers)}"


def _how(rule: Rule, numbers: NumberFormat) -> str:
    if isinstance(rule, BandRule):
        return tr("by auto band")
    limit = numbers.percent(limit_of(rule), places_of(limit_of(rule)))
    return (
        tr("by coin ratio {limit}", limit=limit)
        if isinstance(rule, RatioRule)
        else tr("every {interval} above {limit}", interval=duration_text(rule.interval), limit=limit)
    )
