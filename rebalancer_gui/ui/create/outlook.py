"""What a rule will do, from what stands in a form: the estimate, what can be traded at all, what is wrong. Pure: no Qt.

outlook = look_ahead(wish, around, moves)       # None: something is missing that nothing can be said without
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.allocation import MONEY_GRID, problems_with_rule, problems_with_targets, smallest_investment
from rebalancer_gui.domain.bands import auto_band
from rebalancer_gui.domain.expectation import Expectation, expect, usual_drift
from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO, ceil_to_step, floor_to_step, total
from rebalancer_gui.domain.rule_advice import DEAR, Advice, Concern, advise_on_rule, smallest_drifts
from rebalancer_gui.domain.strategy import BandRule, HeldCoin, Rule, State, Target, limit_of
from rebalancer_gui.ui.create.form_state import RULE_FIELDS, Draft, Findings
from rebalancer_gui.ui.create.moves import Moves
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.create.trial import Trial, TrialWish


@dataclass(frozen=True, slots=True)
class Wish:
    """What is judged. `worth` is the whole portfolio in quote units (None: not known yet), `held_worth` the part of it that
    comes as coins. `money` is how much of the quote could be invested instead (None: the amount is not to be chosen here).
    """

    rule: Rule | None
    targets: tuple[Target, ...]
    quote: str
    worth: Decimal | None = None
    held: tuple[HeldCoin, ...] = ()
    held_worth: Decimal = ZERO
    money: Decimal | None = None
    fixed_coins: bool = False
    """The coins are not to be chosen here."""
    fixed_rule: bool = False
    """Nor is the rule."""


class CureKind(enum.Enum):
    """What a cure changes."""

    AMOUNT = "amount"
    LIMIT = "limit"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Cure:
    """One press: a threshold or gate in pp, or an amount to invest in quote units, or the weights without `dropped`."""

    kind: CureKind
    limit: Decimal | None = None
    amount: Decimal | None = None
    targets: tuple[Target, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning with the cures that can be had here, the best first."""

    advice: Advice
    cures: tuple[Cure, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """A year under the rule of `wish`. `fee` and `half_spread` are fractions of what is traded, of one side.

    `drifts` (pp) and `orders` (quote units) are the smallest that can be traded, by coin; both lack coins without a price, and
    `drifts` is empty without an amount. `volatilities` are fractions a year; coins in `assumed` have none of their own,
    because nothing is known of them (`unknown`) or of all the others. `days` moves of each known coin were looked at, the last one on `until`.
    """

    wish: Wish
    rule: Rule
    expectation: Expectation
    fee: Decimal
    half_spread: Decimal
    drifts: Mapping[str, Decimal]
    orders: Mapping[str, Decimal]
    smallest: Decimal | None
    volatilities: Mapping[str, Decimal]
    usual: Decimal
    """By how many pp the first coin is off when it trades."""
    bands: Mapping[str, Decimal] = field(default_factory=dict)
    """The auto band of each coin in pp; empty under another rule."""
    assumed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    days: int = 0
    until: date | None = None
    trial: Trial | None = None
    """The candles that it rests on; None: on daily closes, or on what is assumed."""
    backtested: bool = False
    """`expectation` was counted on those candles, not estimated."""
    warned: tuple[Warned, ...] = field(default=())

    @property
    def cost(self) -> Decimal:
        """Fee and half spread of one side, as a fraction."""
        return self.fee + self.half_spread

    @property
    def cost_of_one(self) -> Decimal | None:
        """What one typical rebalance costs, in quote units; None without an amount, or where none is expected."""
        worth = self.wish.worth
        return self.expectation.cost_of_one(worth) if worth and self.expectation.rebalances else None


def wish_of(draft: Draft, findings: Findings) -> Wish:
    """What stands in the Manual form."""
    held_worth, amount = findings.held_worth, draft.investment
    worth = amount + held_worth if amount is not None and held_worth is not None else None
    return Wish(
        rule=None if any(name in draft.unreadable for name in _asked_fields(draft)) else draft.rule,
        targets=draft.allocation.targets,
        quote=draft.quote,
        worth=worth,
        held=draft.held,
        held_worth=held_worth or ZERO,
        money=findings.free,
    )


def wish_of_preset(draft: Draft, findings: Findings) -> Wish:
    """What a preset's card with an amount would do: its rule is changed in the Manual form only."""
    return replace(wish_of(draft, findings), fixed_rule=True)


def wish_of_living(strategy: StrategyView, rule: Rule | None) -> Wish:
    """What a strategy that lives would do under `rule` with the coins and the money that it has."""
    parameters, snapshot = strategy.parameters, strategy.snapshot
    worth = snapshot.total if snapshot is not None else None
    if strategy.state is State.WAITING:
        worth = parameters.investment
    return Wish(rule, parameters.targets, parameters.quote, worth, fixed_coins=True)


def missing_for(draft: Draft, findings: Findings) -> str:
    """What is wrong in the form with what an outlook rests on; empty before there are coins."""
    if not draft.allocation.coins:
        return ""
    fields = ("quote", "coins", "weights", *_asked_fields(draft))
    return next((text for name in fields if (text := findings.message(name))), "")


def _asked_fields(draft: Draft) -> tuple[str, ...]:
    other = {"threshold", "check_period"} if draft.by_time else {"interval", "gate"}
    return ("weights", *sorted(RULE_FIELDS - other))


def look_ahead(
    wish: Wish, around: Surroundings | None, moves: Moves, trial: Trial | None = None, *, tried: bool = False
) -> Outlook | None:
    """None while there is no account, no readable and legal rule, or coins and weights are not complete.

    What the coins moved is taken from the candles of `trial`, else from `moves`; `tried`: the trial is of this very wish, so
    that its counts are taken where it has some.
    """
    rule, targets, quote = wish.rule, wish.targets, wish.quote
    if around is None or rule is None or problems_with_rule(rule) or problems_with_targets(targets, quote):
        return None
    volatilities = trial.volatilities if trial is not None else moves.volatilities(targets)
    fee, half_spread = around.fees.taker_rate, half_spread_of(targets, quote, around)
    worth = wish.worth if wish.worth is not None and wish.worth > ZERO else None
    drifts = smallest_drifts(targets, quote, worth or ZERO, around.rules, around.quotes)
    advice = advise_on_rule(rule, targets, drifts, worth or ZERO, volatilities, fee + half_spread)
    orders = {t.asset: around.minimum_order(t.asset, quote) for t in targets}
    expectation = expect(rule, targets, volatilities, fee + half_spread, drifts)
    seen = trial if tried and trial is not None and trial.rebalances is not None else None
    if seen is not None:
        expectation = _as_seen(seen, expectation, fee + half_spread)
        if expectation.fee_drag <= DEAR:
            advice = tuple(found for found in advice if found.concern is not Concern.DEAR)
    if any(found.concern is Concern.NEVER for found in advice):
        expectation = Expectation(ZERO, ZERO, ZERO, expectation.first)
    return Outlook(
        wish=wish,
        rule=rule,
        expectation=expectation,
        fee=fee,
        half_spread=half_spread,
        drifts=drifts,
        orders={asset: order for asset, order in orders.items() if order is not None},
        smallest=smallest_investment(targets, quote, around.rules, around.quotes),
        volatilities=volatilities,
        usual=usual_drift(rule, targets, volatilities, fee + half_spread, drifts),
        bands=_bands(rule, targets, fee + half_spread, drifts),
        assumed=tuple(t.asset for t in targets if t.asset not in volatilities),
        unknown=() if trial is not None else tuple(t.asset for t in targets if t not in moves.known(targets)),
        days=moves.days(targets) if volatilities else 0,
        until=trial.until if trial is not None else moves.until,
        trial=trial,
        backtested=seen is not None,
        warned=tuple(Warned(found, _cures(found, wish, rule)) for found in advice),
    )


def _as_seen(trial: Trial, estimate: Expectation, cost: Decimal) -> Expectation:
    turnover = trial.turnover or ZERO
    return Expectation(trial.rebalances or ZERO, turnover, 2 * cost * turnover, estimate.first)


def trial_of(outlook: Outlook, around: Surroundings) -> TrialWish:
    """What is to be tried on candles. Prices move all the time: the spread and the worth are coarse, so that not every quote
    asks for another trial.
    """
    wish = outlook.wish
    rules = tuple(around.rules.get(symbol_of(t.asset, wish.quote)) for t in wish.targets)
    known = tuple(market for market in rules if market is not None)
    return TrialWish(
        wish.targets,
        wish.quote,
        outlook.rule,
        _coarse(wish.worth) if wish.worth else None,
        outlook.fee,
        _coarse(outlook.half_spread),
        around.fees.taken_in,
        known if len(known) == len(rules) else (),
    )


def _coarse(amount: Decimal) -> Decimal:
    """To two leading digits."""
    return floor_to_step(amount, ONE.scaleb(amount.adjusted() - 1)) if amount else ZERO


def limit_now(rule: Rule) -> Decimal:
    """The threshold or gate in pp; 0 under an auto band, which has neither."""
    return ZERO if isinstance(rule, BandRule) else limit_of(rule)


def _bands(
    rule: Rule, targets: tuple[Target, ...], cost: Decimal, drifts: Mapping[str, Decimal]
) -> Mapping[str, Decimal]:
    if not isinstance(rule, BandRule):
        return {}
    return {t.asset: auto_band(t.weight, cost, drifts.get(t.asset, ZERO), HUNDRED) for t in targets}


def half_spread_of(targets: tuple[Target, ...], quote: str, around: Surroundings) -> Decimal:
    """The half spread of the coins' present quotes as a fraction, by their weights; a coin without a quote is left out."""
    spreads = {t: price.half_spread for t in targets if (price := around.price(t.asset, quote)) is not None}
    weights = total(t.weight for t in spreads)
    return total(t.weight * spread for t, spread in spreads.items()) / weights if weights else ZERO


def _cures(advice: Advice, wish: Wish, rule: Rule) -> tuple[Cure, ...]:
    """More money where it is there, then another limit, then fewer coins."""
    found = []
    if advice.amount is not None and wish.money is not None:
        amount = ceil_to_step(max(advice.amount - wish.held_worth, ZERO), MONEY_GRID)
        if ZERO < amount <= wish.money:
            found.append(Cure(CureKind.AMOUNT, amount=amount))
    other = advice.limit is not None and advice.limit != limit_now(rule) and not wish.fixed_rule
    if other and _can_be_passed(advice, wish):
        found.append(Cure(CureKind.LIMIT, limit=advice.limit))
    in_form = {coin.asset for coin in wish.held}
    if advice.targets and not wish.fixed_coins and not in_form & set(advice.dropped):
        found.append(Cure(CureKind.DROP, targets=advice.targets, dropped=advice.dropped))
    return tuple(found)


def _can_be_passed(advice: Advice, wish: Wish) -> bool:
    """A limit that no drift can pass would put one fault in place of another."""
    smallest_weight = min(t.weight for t in wish.targets)
    return advice.concern is Concern.NEVER or (advice.limit or ZERO) < HUNDRED - smallest_weight
