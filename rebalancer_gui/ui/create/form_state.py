"""The draft of a strategy and what is wrong with it, while it is being typed. Pure: no Qt.

    findings = examine(draft, surroundings, numbers)
    findings.message("investment")      # what stands next to that field, or ""
    findings.parameters                 # what Create would send; None while anything is wrong

The judgement is the domain's (`rebalancer_gui.domain.allocation`); this module adds what only a form can be: not yet
filled in, not readable, waiting for prices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.domain.allocation import (
    problems_with_name,
    problems_with_rule,
    problems_with_targets,
    smallest_investment,
    too_small_coins,
)
from rebalancer_gui.domain.creation import held_value, last_prices, problems_with
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.protection import Watch, problems_with_levels
from rebalancer_gui.domain.strategy import (
    DEFAULT_CHECK_PERIOD,
    DEFAULT_GATE,
    DEFAULT_INTERVAL,
    DEFAULT_THRESHOLD,
    MAX_COINS,
    MAX_STRATEGIES,
    MIN_COINS,
    BandRule,
    HeldCoin,
    Level,
    RatioRule,
    Rule,
    StrategyParameters,
    TimeRule,
    Trigger,
    limit_of,
)
from rebalancer_gui.ui.create.fixes import Fix, fixes_for
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.create.weights import Allocation
from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks, places_of
from rebalancer_gui.ui.translation import tr

RULE_FIELDS = frozenset({"threshold", "check_period", "interval", "gate"})
_DECIMAL = re.compile(r"(?<=\d)\.(?=\d)")


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form. A field whose text is no value is None, and `unreadable` says why, by field name.

    `investment` in quote units, `threshold` and `gate` in percentage points; `held` are the coins to start from.
    """

    name: str = ""
    quote: str = ""
    allocation: Allocation = field(default_factory=Allocation)
    investment: Decimal | None = None
    by_time: bool = False
    threshold: Decimal | None = DEFAULT_THRESHOLD
    auto_band: bool = False
    """By coin ratio with a band for each coin instead of the threshold."""
    check_period: timedelta | None = DEFAULT_CHECK_PERIOD
    interval: timedelta | None = DEFAULT_INTERVAL
    gate: Decimal | None = DEFAULT_GATE
    sell_all_on_stop: bool = False
    trigger: Trigger | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None
    held: tuple[HeldCoin, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def rule(self) -> Rule | None:
        """The chosen rule; None while one of its fields is not readable."""
        if self.by_time:
            return None if self.interval is None or self.gate is None else TimeRule(self.interval, self.gate)
        if self.check_period is None:
            return None
        if self.auto_band:
            return BandRule(self.check_period)
        if self.threshold is None:
            return None
        return RatioRule(self.threshold, self.check_period)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The markets whose prices the form needs: of its coins, of those to start from, and of its levels."""
        assets = (*self.allocation.assets, *(coin.asset for coin in self.held))
        levels = (self.trigger, self.stop_loss, self.take_profit)
        watched = (level.symbol for level in levels if level is not None and level.symbol)
        return tuple(dict.fromkeys((*(symbol_of(asset, self.quote) for asset in assets), *watched)))

    def with_rule(self, rule: Rule) -> Draft:
        """With this rule chosen; the fields of the other kind stay."""
        if isinstance(rule, TimeRule):
            return replace(self, by_time=True, interval=rule.interval, gate=rule.gate)
        if isinstance(rule, BandRule):
            return replace(self, by_time=False, auto_band=True, check_period=rule.check_period)
        return replace(self, by_time=False, auto_band=False, threshold=rule.threshold, check_period=rule.check_period)


@dataclass(frozen=True, slots=True)
class Findings:
    """The judgement of one draft. Amounts in quote units; `smallest` is None while a weight, rule or price is missing.

    `warnings` do not keep anybody from creating; `fixes` cure an investment that does not fit its weights. `held_worth`
    is what the coins to start from are worth, None while one has no price.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    parameters: StrategyParameters | None = None
    free: Decimal = ZERO
    smallest: Decimal | None = None
    fixes: tuple[Fix, ...] = ()
    held_worth: Decimal | None = ZERO

    @property
    def first(self) -> Problem | None:
        return self.problems[0] if self.problems else None

    def message(self, name: str) -> str:
        """What is wrong with the field `name`; empty when nothing is."""
        return next((problem.message for problem in self.problems if problem.field == name), "")

    def warning(self, name: str) -> str:
        return next((problem.message for problem in self.warnings if problem.field == name), "")


def examine(draft: Draft, around: Surroundings | None, numbers: NumberFormat) -> Findings:
    """Everything that keeps `draft` from being created, in the order of the form; without an account, just that."""
    if around is None:
        return Findings((Problem("", tr("The engine is starting: there are no prices yet.")),))
    targets, quote = draft.allocation.targets, draft.quote
    problems = [*_with_account(around), *_with_name(draft, around)]
    wrong_coins = problems_with_coins(draft, around)
    problems += wrong_coins
    smallest: Decimal | None = None
    if not wrong_coins:
        smallest = smallest_investment(targets, quote, around.rules, around.quotes)
    worth = held_value(draft.held, quote, around.quotes)
    problems += [Problem("held", draft.unreadable["held"])] if "held" in draft.unreadable else []
    problems += _with_investment(draft, around, smallest, worth, numbers)
    problems += _with_rule(draft)
    problems += _with_levels(draft, around)
    fixes: tuple[Fix, ...] = ()
    if not wrong_coins and draft.investment is not None:
        fixes = fixes_for(targets, draft.investment, quote, around, numbers, held=worth or ZERO)
    parameters = None
    if not problems:
        parameters, problems = _parameters(draft, around)
    return Findings(
        problems=tuple(in_locale(problem, numbers.marks) for problem in problems),
        warnings=tuple(_never_exceeded(draft, numbers)),
        parameters=parameters,
        free=around.money(quote),
        smallest=smallest,
        fixes=fixes,
        held_worth=worth,
    )


def in_locale(problem: Problem, marks: NumberMarks) -> Problem:
    """The domain writes numbers with a point; the form shows and reads the locale's mark. Names stay as they are."""
    if problem.field == "name" or marks.decimal == ".":
        return problem
    return Problem(problem.field, _DECIMAL.sub(marks.decimal, problem.message))


def _with_account(around: Surroundings) -> list[Problem]:
    if around.stop_all:
        return [Problem("", tr("Stop all is on: press Resume trading first."))]
    if around.occupied >= MAX_STRATEGIES:
        return [
            Problem(
                "strategies",
                tr("{MAX_STRATEGIES} strategies run on this account: stop one first.", MAX_STRATEGIES=MAX_STRATEGIES),
            )
        ]
    return []


def _with_name(draft: Draft, around: Surroundings) -> list[Problem]:
    if not draft.name and not draft.allocation.coins:
        return []  # The name comes with the coins; what is missing is them.
    return problems_with_name(draft.name, around.names)


def problems_with_coins(draft: Draft, around: Surroundings) -> list[Problem]:
    """What is wrong with section 1 of the form: the money, the coins, their weights."""
    allocation, quote = draft.allocation, draft.quote
    if not around.is_money(quote):
        return [
            Problem("quote", tr("{value} is not a money of this account: choose another.", value=quote or tr("This")))
        ]
    if len(allocation.coins) < MIN_COINS:
        have = tr("one coin is not enough") if allocation.coins else tr("no coins yet")
        return [
            Problem(
                "coins",
                tr(
                    "Add coins: {have}, a strategy holds {MIN_COINS} to {MAX_COINS}.",
                    have=have,
                    MIN_COINS=MIN_COINS,
                    MAX_COINS=MAX_COINS,
                ),
            )
        ]
    problems = []
    if allocation.waits_for_caps:
        problems.append(Problem("weights", tr("The market caps are being read.")))
    capless = allocation.without_cap
    if "weights" in draft.unreadable:
        problems.append(Problem("weights", draft.unreadable["weights"]))
    elif capless:
        its = tr("its weight is 0: type one") if len(capless) == 1 else tr("their weights are 0: type some")
        words = tr(
            "No market cap is known for {names}, {its}, or take the coin out.", names=", ".join(capless), its=its
        )
        problems.append(Problem("weights", words))
    else:
        problems += problems_with_targets(allocation.targets, quote)
    strange = [asset for asset in allocation.assets if not around.trades(asset, quote) and asset != quote]
    if strange:
        problems.append(
            Problem(
                "coins",
                tr("{names} cannot be traded in {quote} on this account.", names=", ".join(strange), quote=quote),
            )
        )
    unpriced = [a for a in allocation.assets if around.trades(a, quote) and around.price(a, quote) is None]
    if unpriced and not problems:
        problems.append(Problem("coins", tr("There is no price for {names} yet.", names=", ".join(unpriced))))
    return problems


def _with_investment(
    draft: Draft, around: Surroundings, smallest: Decimal | None, worth: Decimal | None, numbers: NumberFormat
) -> list[Problem]:
    """`worth` of the held coins counts with the money; with some of them the money may be 0."""
    amount, quote, free = draft.investment, draft.quote, around.money(draft.quote)
    if amount is None:
        missing = _how_much(smallest, free, quote, numbers)
        if draft.held:
            missing = tr("Say how much to invest; with the coins you use it may be 0.")
        return [Problem("investment", draft.unreadable.get("investment") or missing)]
    if amount > free:
        return [
            Problem("investment", tr("Free are {free}: invest at most that much.", free=_money(free, quote, numbers)))
        ]
    if amount < ZERO or (amount == ZERO and not draft.held):
        return [Problem("investment", tr("The investment must be above 0 {quote}.", quote=quote))]
    if worth is None:
        return [Problem("investment", tr("What the coins you hold are worth is not known: a price is missing."))]
    if smallest is not None and amount + worth < smallest:
        small = too_small_coins(draft.allocation.targets, amount + worth, quote, around.rules, around.quotes)
        names = ", ".join(small) if small else tr("the smallest weight")
        least = _money(smallest, quote, numbers)
        with_coins = tr(", held coins included") if draft.held else ""
        return [
            Problem(
                "investment",
                tr(
                    "Too little for {names}: the smallest that works is {least}{with_coins}.",
                    names=names,
                    least=least,
                    with_coins=with_coins,
                ),
            )
        ]
    return []


def _how_much(smallest: Decimal | None, free: Decimal, quote: str, numbers: NumberFormat) -> str:
    if smallest is None or smallest > free:
        return tr("Say how much to invest.")
    least = numbers.fixed(smallest, max(2, places_of(smallest)))
    return tr("Say how much to invest: {least} to {free}.", least=least, free=_money(free, quote, numbers))


def _money(amount: Decimal, quote: str, numbers: NumberFormat) -> str:
    return numbers.money(amount, quote, max(2, places_of(amount)))


def _with_rule(draft: Draft) -> list[Problem]:
    names = ("interval", "gate") if draft.by_time else ("threshold", "check_period")
    unreadable = [Problem(name, draft.unreadable[name]) for name in names if name in draft.unreadable]
    rule = draft.rule
    return unreadable if unreadable or rule is None else problems_with_rule(rule)


def _with_levels(draft: Draft, around: Surroundings) -> list[Problem]:
    """The domain's judgement, before the rest of the form is filled in; the names are those of FILES.md."""
    names = [watch.value for watch in Watch]
    unreadable = [Problem(name, draft.unreadable[name]) for name in names if name in draft.unreadable]
    levels = StrategyParameters(
        name="",
        quote=draft.quote,
        targets=(),
        investment=ZERO,
        rule=RatioRule(),
        trigger=draft.trigger,
        stop_loss=draft.stop_loss,
        take_profit=draft.take_profit,
    )
    quotes = {symbol: around.quotes[symbol] for symbol in levels.watched if symbol in around.quotes}
    return unreadable + problems_with_levels(levels, last_prices(quotes))


def _never_exceeded(draft: Draft, numbers: NumberFormat) -> list[Problem]:
    """The worst drift is at most 100 - the smallest weight (BEHAVIOUR.md section 2): beyond it nothing happens."""
    rule, targets = draft.rule, draft.allocation.targets
    if rule is None or isinstance(rule, BandRule) or len(targets) < MIN_COINS or draft.allocation.left != ZERO:
        return []
    most = HUNDRED - min(target.weight for target in targets)
    limit = limit_of(rule)
    if limit < most:
        return []
    name = "gate" if draft.by_time else "threshold"
    shown, reach = numbers.percent(limit, places_of(limit)), numbers.percent(most, places_of(most))
    return [
        Problem(
            name,
            tr(
                "Never rebalances: with these weights the drift stays within {reach}, it cannot pass {shown}.",
                reach=reach,
                shown=shown,
            ),
        )
    ]


def _parameters(draft: Draft, around: Surroundings) -> tuple[StrategyParameters | None, list[Problem]]:
    """What would be sent, and the domain's own last word on it: the one that the engine will use too."""
    rule, amount = draft.rule, draft.investment
    if rule is None or amount is None:
        return None, [Problem("", tr("Something is not filled in yet."))]
    parameters = StrategyParameters(
        name=draft.name.strip(),
        quote=draft.quote,
        targets=draft.allocation.targets,
        investment=amount,
        rule=rule,
        sell_all_on_stop=draft.sell_all_on_stop,
        trigger=draft.trigger,
        stop_loss=draft.stop_loss,
        take_profit=draft.take_profit,
    )
    problems = problems_with(
        parameters,
        taken_names=around.names,
        free=around.free,
        rules=around.rules,
        quotes=around.quotes,
        held=draft.held,
    )
    return (None, problems) if problems else (parameters, [])
